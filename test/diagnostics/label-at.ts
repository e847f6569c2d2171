import type {Label} from '../../src/diagnostics/diagnostic.ts';

/** The first place of `part` in a text, marked over its whole length or `length`. */
export function labelAt(text: string, part: string, length = part.length, name = 'Boxfile'): Label {
	const start = text.indexOf(part);
	if (start === -1) throw new Error(`${part} is not in the text`);
	return {source: {name, text}, span: {start, end: start + length}};
}
