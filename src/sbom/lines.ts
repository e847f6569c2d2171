/** The lines of a text one after the other, without their ends: a list of all could need far more memory than the text. */
export function* linesOf(text: string): Generator<string> {
	for (let start = 0; start < text.length;) {
		const found = text.indexOf('\n', start);
		const end = found === -1 ? text.length : found;
		yield text.slice(start, end);
		start = end + 1;
	}
}
