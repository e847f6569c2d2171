import parse from 'spdx-expression-parse';
import type {PackageType} from './listed-package.ts';

/** One declared licence: an SPDX expression, or a text that is none. */
export type Licence = {readonly expression: string} | {readonly text: string};

/** Longer ones are texts; the parser is recursive. */
const longestExpression = 1000;

/** The licences of a package, each once; all of them count, as Debian's copyright files and lists of licences mean it. */
export function licencesOf(declared: readonly string[], type: PackageType): readonly Licence[] {
	const found = new Map<string, Licence>();
	for (const text of declared.map((licence) => licence.trim().replaceAll(/\s+/gv, ' '))) {
		const expression = expressionOf(text, type);
		if (expression !== undefined) found.set(expression, {expression});
		else if (text !== '') found.set(text, {text});
	}
	return [...found.values()];
}

/** One expression that means all of the parts, which are expressions. */
export function allOf(parts: readonly string[]): string {
	return parts.length < 2 ? parts.join('') : parts.map((part) => (/ (?:OR|AND) /v.test(part) ? `(${part})` : part)).join(' AND ');
}

/** The text as an SPDX expression: when it is one, or when it is one in the short names of Debian or old rpm packages. */
function expressionOf(text: string, type: PackageType): string | undefined {
	// Debian's `LGPL-2.1` is that version only; as an SPDX identifier it is deprecated and does not say.
	const forms = type === 'deb' ? [translated(text), text] : [text, translated(text)];
	return forms.find(isExpression);
}

function isExpression(text: string): boolean {
	if (text.length > longestExpression || text.includes('DocumentRef-')) return false;
	try {
		parse(text);
		return true;
	} catch {
		return false;
	}
}

/** Short names of Debian's copyright-format 1.0 whose SPDX identifiers differ in more than case. */
const shortNames: Readonly<Record<string, string>> = {
	expat: 'MIT',
	'bsd-2-clause': 'BSD-2-Clause',
	'bsd-3-clause': 'BSD-3-Clause',
	'bsd-4-clause': 'BSD-4-Clause',
	isc: 'ISC',
	zlib: 'Zlib',
	'cc0-1.0': 'CC0-1.0',
	artistic: 'Artistic-1.0',
	'artistic-2.0': 'Artistic-2.0',
	'mpl-1.1': 'MPL-1.1',
	'mpl-2.0': 'MPL-2.0',
	'apache-2.0': 'Apache-2.0',
	'apache-2': 'Apache-2.0',
};

function translated(text: string): string {
	return text
		.split(/(\s+|,|[\(\)])/v)
		.map((word) => {
			const lower = word.toLowerCase();
			if (lower === 'and' || lower === 'or') return lower.toUpperCase();
			return shortNames[lower] ?? gnu(word);
		})
		.join('');
}

/** GPL-2+, LGPL-2.1, GFDL-1.3+, GPLv3+, AGPLv3. */
function gnu(word: string): string {
	const [, name, major, minor = '', plus] = /^([AL]?GPL|GFDL)(?:-|v)(\d)(\.\d)?(\+?)$/v.exec(word) ?? [];
	if (name === undefined || major === undefined) return word;
	return `${name}-${major}${minor === '' ? '.0' : minor}-${plus === '+' ? 'or-later' : 'only'}`;
}
