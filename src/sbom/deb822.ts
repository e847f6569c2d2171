import {linesOf} from './lines.ts';

/** Fields of one paragraph by lower-case name (Debian Policy, 5.1); continuation lines joined by line feeds. */
export type Paragraph = ReadonlyMap<string, string>;

export interface Deb822 {
	readonly paragraphs: readonly Paragraph[];
	/** Number of the first line (from 1) that is neither a field nor a continuation of one. */
	readonly badLine?: number;
	/** There are more paragraphs than were wanted. */
	readonly isCut: boolean;
}

/** Reads at most so many paragraphs of a control file; lines that are none of it are left out. */
export function parseDeb822(text: string, most: number): Deb822 {
	const paragraphs: Paragraph[] = [];
	let fields = new Map<string, string>();
	let last: string | undefined;
	let badLine: number | undefined;
	const close = (): void => {
		if (fields.size > 0) paragraphs.push(fields);
		fields = new Map();
		last = undefined;
	};
	let number = 0;
	for (const line of linesOf(text)) {
		number += 1;
		if (paragraphs.length === most) return {paragraphs, isCut: true};
		if (/^\s*$/v.test(line)) close();
		else if (line.startsWith('#')) continue;
		else if (/^[ \t]/v.test(line) && last !== undefined) fields.set(last, `${fields.get(last) ?? ''}\n${line.slice(1).trimEnd()}`);
		else {
			const [, name, value] = /^([!-9;-~]+)[ \t]*:(.*)$/v.exec(line) ?? [];
			if (name === undefined || value === undefined) badLine ??= number;
			else {
				last = name.toLowerCase();
				fields.set(last, value.trim());
			}
		}
	}
	close();
	return {paragraphs, isCut: false, ...(badLine === undefined ? {} : {badLine})};
}
