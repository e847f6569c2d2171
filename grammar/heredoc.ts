/** A `<<NAME` word: `fd` is the number before it (0 without one), `expand` is false when a part of the name stands in quotes. */
export interface HeredocStart {
	readonly name: string;
	readonly expand: boolean;
	/** `<<-`: leading tabs are removed, also before the end line. */
	readonly chomp: boolean;
	readonly fd: number;
	/** White space stands before the name: then it is one only where its end line exists, because `$((1 << n))` is none. */
	readonly spaced: boolean;
}

const operator = /<<-?\s*/vy;

/** Splits a line into words as BuildKit's shell lexer does, quotes and escapes kept, `<< NAME` one word; undefined when a quote is not closed. */
export function rawWords(line: string): readonly string[] | undefined {
	const words: string[] = [];
	let word = '';
	let at = 0;
	while (at < line.length) {
		const char = line[at] ?? '';
		if (char === "'" || char === '"') {
			const end = closingQuote(line, at);
			if (end === undefined) return undefined;
			word += line.slice(at, end + 1);
			at = end + 1;
			continue;
		}
		if (char === '\\') {
			word += line.slice(at, at + 2);
			at += 2;
			continue;
		}
		if (char === '<') {
			operator.lastIndex = at;
			const taken = operator.exec(line)?.[0] ?? char;
			word += taken;
			at += taken.length;
			continue;
		}
		if (!/\s/v.test(char)) word += char;
		else if (word !== '') {
			words.push(word);
			word = '';
		}
		at += 1;
	}
	return word === '' ? words : [...words, word];
}

function closingQuote(text: string, start: number): number | undefined {
	const quote = text[start];
	for (let at = start + 1; at < text.length; at++) {
		if (text[at] === quote) return at;
		if (text[at] === '\\' && quote === '"') at += 1;
	}
	return undefined;
}

/** Reads one word as the start of a heredoc; undefined when it is something else (`<<<word`, `a<<b`, `<<`). */
export function parseHeredocStart(word: string): HeredocStart | undefined {
	const match = /^(\d*)<<(-?)(\s*)([^<]+)$/v.exec(word);
	const quoted = match?.[4];
	if (match === null || quoted === undefined || rawWords(quoted)?.length !== 1) return undefined;
	const name = unquote(quoted);
	if (name === '') return undefined;
	// BuildKit takes `<<\\NAME` for a name without quotes.
	return {
		name,
		expand: !/^(?:[^'"\\]|\\[^])*['"]/v.test(quoted),
		chomp: match[2] === '-',
		fd: match[1] === '' ? 0 : Number(match[1]),
		spaced: match[3] !== '',
	};
}

function unquote(text: string): string {
	return text.replaceAll(/'([^']*)'|"((?:[^"\\]|\\[^])*)"|\\([^])/gv, (_, single?: string, double?: string, escaped?: string) => {
		if (double !== undefined) return double.replaceAll(/\\(["$\\])/gv, '$1');
		return single ?? escaped ?? '';
	});
}
