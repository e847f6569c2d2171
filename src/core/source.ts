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

export function positionAt(text: string, offset: number): Position {
	let line = 1;
	let start = 0;
	for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
		line += 1;
		start = at + 1;
	}
	return {line, column: offset - start + 1};
}

/** The text of a line (from 1) without its line end. */
export function lineAt(text: string, line: number): string {
	return (text.split('\n', line)[line - 1] ?? '').replace(/\r$/v, '');
}
