import type {Escape} from './keyword-table.ts';

const space = /[\t\v\f\r ]/v;

/** End of the flag that starts at `start` (BuildKit: quotes are allowed, the escape is always a backslash). */
export function endOfFlag(text: string, start: number): number {
	let quote = '';
	let at = start;
	for (; at < text.length; at++) {
		const char = text[at] ?? '';
		if (quote === '' && space.test(char)) break;
		if (char === quote) quote = '';
		else if (quote === '' && (char === '"' || char === "'")) quote = char;
		else if (char === '\\' && quote !== "'") at += 1;
	}
	return Math.min(at, text.length);
}

/** End of the word that starts at `start`; white space inside quotes or after the escape character belongs to it. */
export function endOfQuotedWord(text: string, start: number, escape: Escape): number {
	let quote = '';
	let at = start;
	for (; at < text.length; at++) {
		const char = text[at] ?? '';
		if (quote === '' && space.test(char)) break;
		if (char === quote) quote = '';
		else if (char === escape && quote !== "'") at += 1;
		else if (quote === '' && (char === '"' || char === "'")) quote = char;
	}
	return Math.min(at, text.length);
}

/** The strings of a JSON array; undefined when the text is no JSON array, `mixed` when not all members are strings. */
export function jsonStrings(text: string): readonly string[] | 'mixed' | undefined {
	if (!text.startsWith('[')) return undefined;
	try {
		const value: unknown = JSON.parse(text);
		if (!Array.isArray(value)) return undefined;
		return value.every((member) => typeof member === 'string') ? value : 'mixed';
	} catch {
		return undefined;
	}
}
