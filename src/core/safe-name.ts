/**
 * A name that somebody else chose as a file name of ours: what follows its last `/`; undefined when that is empty, `.`, `..`, longer than a
 * name can be (255 bytes), or has control characters.
 */
export function safeName(text: string): string | undefined {
	const name = text.slice(text.lastIndexOf('/') + 1);
	// oxlint-disable-next-line no-control-regex -- control characters are what is refused
	const isBad = name === '' || name === '.' || name === '..' || Buffer.byteLength(name) > 255 || /[\x00-\x1f\x7f]/.test(name);
	return isBad ? undefined : name;
}
