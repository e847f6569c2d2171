import parse from 'spdx-expression-parse';

/** What the declared licences of a package come to: one SPDX expression, or texts of which at least one is none. */
export type Licence =
	| {readonly kind: 'none'}
	| {readonly kind: 'expression'; readonly expression: string}
	| {readonly kind: 'texts'; readonly texts: readonly string[]};

/** Longer ones are texts; the parser is recursive. */
const longestExpression = 1000;

/** All of several licences count, as Debian's copyright files and lists of licences mean it. */
export function licenceOf(declared: readonly string[]): Licence {
	const texts = [...new Set(declared.map((text) => text.trim().replaceAll(/\s+/gv, ' ')).filter((text) => text !== ''))];
	if (texts.length === 0) return {kind: 'none'};
	const expressions = texts.map(expressionOf);
	if (expressions.includes(undefined)) return {kind: 'texts', texts};
	const known = [...new Set(expressions.flatMap((expression) => expression ?? []))];
	const [only] = known;
	if (known.length === 1 && only !== undefined) return {kind: 'expression', expression: only};
	return {kind: 'expression', expression: known.map((part) => (/ (?:OR|AND) /v.test(part) ? `(${part})` : part)).join(' AND ')};
}

/** The text as an SPDX expression: when it is one, or when it is one in the short names of Debian or old rpm packages. */
export function expressionOf(text: string): string | undefined {
	return [text, translated(text)].find(isExpression);
}

export function isExpression(text: string): boolean {
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
