import type {Escape} from './keyword-table.ts';

/** One instruction's text with its continuation lines joined, and where each piece of it stands in the file. */
export interface LogicalLine {
	readonly text: string;
	/** Pieces in order: offset in `text`, offset in the file. */
	readonly pieces: readonly (readonly [joined: number, source: number])[];
	/** Offset of the first character of the following line. */
	readonly next: number;
	/** Offset of the end of the last line, without its line end. */
	readonly end: number;
	/** Blank lines between continued lines; Docker announced to refuse them. */
	readonly blankLines: readonly number[];
}

/** A line of the file: `end` is without the line end, `next` behind it. */
export interface PhysicalLine {
	readonly start: number;
	readonly end: number;
	readonly next: number;
}

export function physicalLineAt(text: string, start: number): PhysicalLine {
	const newline = text.indexOf('\n', start);
	const next = newline === -1 ? text.length : newline + 1;
	let end = newline === -1 ? text.length : newline;
	while (end > start && text[end - 1] === '\r') end -= 1;
	return {start, end, next};
}

/**
 * Joins the line at `start` with its continuations (BuildKit parser.go: comments and blank lines inside are dropped,
 * white space may follow the escape character, the end of the file ends the instruction).
 */
export function readLogicalLine(text: string, start: number, escape: Escape): LogicalLine {
	const pieces: [number, number][] = [];
	const blankLines: number[] = [];
	let joined = '';
	let line = physicalLineAt(text, start);
	for (let first = true; ; first = false) {
		const content = text.slice(line.start, line.end);
		const trimmed = content.trimStart();
		const indent = content.length - trimmed.length;
		let continues = true;
		if (!first && trimmed === '') blankLines.push(line.start);
		else if (first || !trimmed.startsWith('#')) {
			const [kept, goesOn] = cutContinuation(first ? trimmed : content, escape);
			pieces.push([joined.length, line.start + (first ? indent : 0)]);
			joined += kept;
			continues = goesOn;
		}
		if (!continues || line.next >= text.length) break;
		line = physicalLineAt(text, line.next);
	}
	return {text: joined, pieces, next: line.next, end: line.end, blankLines};
}

function cutContinuation(line: string, escape: Escape): readonly [kept: string, goesOn: boolean] {
	let end = line.length;
	while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end -= 1;
	if (end === 0 || line[end - 1] !== escape || line[end - 2] === escape) return [line, false];
	return [line.slice(0, end - 1), true];
}

/** Where a character of the joined text stands in the file. */
export function sourceOffset(line: LogicalLine, joined: number): number {
	let low = 0;
	let high = line.pieces.length - 1;
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((line.pieces[middle]?.[0] ?? 0) <= joined) low = middle;
		else high = middle - 1;
	}
	const piece = line.pieces[low];
	return piece === undefined ? line.end : piece[1] + (joined - piece[0]);
}
