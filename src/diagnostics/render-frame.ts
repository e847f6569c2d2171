import {maskCredentials} from '../core/redact-url.ts';
import {lineAt, positionAt} from '../core/source.ts';
import type {Label, Severity} from './diagnostic.ts';
import {plainLine} from './plain-text.ts';
import type {Style} from './render-text.ts';

const longestLine = 160;

/** The lines that show a place: its file and position, the source line, and carets below the exact argument. */
export function frameOf(
	{source, span, message}: Label,
	options: {readonly width: number; readonly style: Style; readonly severity: Severity},
): readonly string[] {
	const {width, style, severity} = options;
	const {line, column} = positionAt(source, span.start);
	const text = maskCredentials(lineAt(source, line));
	const shift = Math.max(0, column - 1 - longestLine / 2);
	const shown = show(text.slice(shift, shift + longestLine));
	const before = show(text.slice(shift, column - 1));
	const marked = show(text.slice(column - 1, Math.min(column - 1 + (span.end - span.start), shift + longestLine)));
	const carets = '^'.repeat(Math.max(1, columnsOf(marked)));
	const note = message === undefined ? '' : ` ${plainLine(message)}`;
	const gutter = ' '.repeat(width);
	return [
		`${gutter}${style.gutter('-->')} ${plainLine(source.name)}:${line}:${column}`,
		`${gutter} ${style.gutter('|')}`,
		`${style.gutter(`${String(line).padStart(width)} |`)} ${shown}`.trimEnd(),
		`${gutter} ${style.gutter('|')} ${' '.repeat(columnsOf(before))}${style.mark(carets + note, severity)}`,
	];
}

function show(text: string): string {
	return plainLine(text.replaceAll('\t', '    '));
}

/** Columns of a terminal: wide characters take two, combining ones none. */
function columnsOf(text: string): number {
	let columns = 0;
	for (const char of text) {
		if (/\p{Mark}/v.test(char)) continue;
		columns += /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6\u{1F300}-\u{1FAFF}]/v.test(
			char,
		)
			? 2
			: 1;
	}
	return columns;
}
