declare const brand: unique symbol;

/**
 * A file name or path as bytes: a string in which every character is one byte (latin1), because Linux names need not be UTF-8.
 * Relative to a root, components separated by one `/`, no leading or trailing `/`, no `.` or `..`; the root itself is the empty string.
 * Comparing two of them with `<` compares their bytes.
 */
export type RawPath = string & {readonly [brand]: 'rawPath'};

/** The path of a text name (UTF-8). */
export function rawOf(text: string): RawPath {
	return Buffer.from(text, 'utf8').toString('latin1') as RawPath;
}

/** The bytes as text for people; bytes that are not UTF-8 become U+FFFD. */
export function textOf(path: RawPath): string {
	return Buffer.from(path, 'latin1').toString('utf8');
}

/** The bytes of a raw path, or of `root` (a text path of the host) joined with it: what file system calls take. */
export function bytesOf(path: RawPath): Buffer {
	return Buffer.from(path, 'latin1');
}

export function hostPath(root: string, path: RawPath): Buffer {
	return path === '' ? Buffer.from(root, 'utf8') : Buffer.concat([Buffer.from(`${root}/`, 'utf8'), Buffer.from(path, 'latin1')]);
}

export function joinRaw(directory: RawPath, name: string): RawPath {
	return (directory === '' ? name : `${directory}/${name}`) as RawPath;
}

/** The directory a path lies in; undefined for the root. */
export function parentOf(path: RawPath): RawPath | undefined {
	if (path === '') return undefined;
	return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as RawPath;
}

export function baseOf(path: RawPath): RawPath {
	return path.slice(path.lastIndexOf('/') + 1) as RawPath;
}

/** Every directory above `path`, outermost first, without the root. */
export function ancestorsOf(path: RawPath): RawPath[] {
	const found: RawPath[] = [];
	for (let end = path.indexOf('/'); end !== -1; end = path.indexOf('/', end + 1)) found.push(path.slice(0, end) as RawPath);
	return found;
}

/** Splits at `/`, drops empty and `.` components and lets `..` remove the one before, never leaving the root. */
export function normalizeRaw(text: string): RawPath {
	const parts: string[] = [];
	for (const part of text.split('/')) {
		if (part === '' || part === '.') continue;
		if (part === '..') parts.pop();
		else parts.push(part);
	}
	return parts.join('/') as RawPath;
}

export function compareRaw(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
