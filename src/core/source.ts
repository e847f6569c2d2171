/** A half-open range of UTF-16 offsets in a source text. */
export interface Span {
	readonly start: number;
	readonly end: number;
}

/** A text with the name that people know it by (the path as they gave it, never an absolute host path). */
export interface Source {
	readonly name: string;
	readonly text: string;
}

export interface Position {
	/** From 1. */
	readonly line: number;
	/** From 1, in UTF-16 units. */
	readonly column: number;
}

/** Offsets at which lines begin, found once for each text: a file can have a finding on every line. */
const lineStarts = new WeakMap<Source, readonly number[]>();

function startsOf(source: Source): readonly number[] {
	const known = lineStarts.get(source);
	if (known !== undefined) return known;
	const starts = [0];
	for (let at = source.text.indexOf('\n'); at !== -1; at = source.text.indexOf('\n', at + 1)) starts.push(at + 1);
	lineStarts.set(source, starts);
	return starts;
}

export function positionAt(source: Source, offset: number): Position {
	const starts = startsOf(source);
	let first = 0;
	for (let last = starts.length - 1; first < last;) {
		const middle = (first + last + 1) >> 1;
		if ((starts[middle] ?? 0) <= offset) first = middle;
		else last = middle - 1;
	}
	return {line: first + 1, column: offset - (starts[first] ?? 0) + 1};
}

/** The text of a line (from 1) without its line end. */
export function lineAt(source: Source, line: number): string {
	const starts = startsOf(source);
	const start = starts[line - 1];
	if (start === undefined) return '';
	return source.text.slice(start, (starts[line] ?? source.text.length + 1) - 1).replace(/\r$/v, '');
}
