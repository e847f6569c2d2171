import type {Escape} from '../../grammar/keyword-table.ts';
import {parseShellPattern, replacePattern, trimPrefix, trimSuffix} from './shell-pattern.ts';

/** Value of a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

export interface ExpandOptions {
	readonly lookup: Lookup;
	readonly escape: Escape;
	/** Quotes are ordinary characters (heredoc bodies). */
	readonly keepQuotes?: boolean;
}

export type Expansion =
	| {readonly ok: true; readonly value: string; readonly words: readonly string[]; readonly unset: readonly string[]}
	| {readonly ok: false; readonly problem: ExpandProblem};

export interface ExpandProblem {
	readonly kind: 'required' | 'syntax';
	/** The variable concerned. */
	readonly name?: string;
	readonly reason: string;
}

/** Nested `${a:-${b:-...}}` deeper than this is an error, so that a hostile file cannot exhaust the stack. */
const depthLimit = 100;

/**
 * Expands variables and removes quotes and escapes as BuildKit's shell lexer does.
 * `value` is the whole text as one word, `words` the same split at unquoted white space, `unset` the names without a value.
 */
export function expand(text: string, options: ExpandOptions): Expansion {
	const reader = new Reader(text, options);
	try {
		const {value, words} = reader.readUntil(undefined, false, 0);
		return {ok: true, value, words, unset: reader.unset};
	} catch (error) {
		if (error instanceof Failure) return {ok: false, problem: error.problem};
		throw error;
	}
}

class Failure extends Error {
	readonly problem: ExpandProblem;

	constructor(problem: ExpandProblem) {
		super(problem.reason);
		this.problem = problem;
	}
}

function fail(reason: string): never {
	throw new Failure({kind: 'syntax', reason});
}

class Reader {
	readonly unset: string[] = [];
	private readonly chars: readonly string[];
	private readonly options: ExpandOptions;
	private at = 0;

	constructor(text: string, options: ExpandOptions) {
		this.chars = [...text];
		this.options = options;
	}

	readUntil(stop: string | undefined, rawEscapes: boolean, depth: number): {value: string; words: readonly string[]} {
		const words = new Words();
		let value = '';
		for (let char = this.chars[this.at]; char !== undefined; char = this.chars[this.at]) {
			if (char === stop) {
				this.at += 1;
				return {value, words: words.finish()};
			}
			if (char === '$') {
				const part = this.readDollar(depth);
				value += part;
				words.addText(part);
			} else if (this.options.keepQuotes !== true && (char === "'" || char === '"')) {
				const part = char === "'" ? this.readSingleQuotes() : this.readDoubleQuotes(rawEscapes, depth);
				value += part;
				words.addRaw(part);
			} else if (char === this.options.escape) {
				if (rawEscapes) {
					value += char;
					words.addRaw(char);
				}
				const escaped = this.chars[this.at + 1];
				this.at += 2;
				if (escaped === undefined) break;
				value += escaped;
				words.addRaw(escaped);
			} else {
				value += char;
				words.addText(char);
				this.at += 1;
			}
		}
		if (stop !== undefined) fail(`a \`${stop}\` is missing`);
		return {value, words: words.finish()};
	}

	private readSingleQuotes(): string {
		const end = this.chars.indexOf("'", this.at + 1);
		if (end === -1) fail('a single quote is not closed');
		const value = this.chars.slice(this.at + 1, end).join('');
		this.at = end + 1;
		return value;
	}

	/** `rawEscapes`: the escape character stays, and BuildKit has it twice where it takes no meaning from what follows. */
	private readDoubleQuotes(rawEscapes: boolean, depth: number): string {
		let value = '';
		this.at += 1;
		for (let char = this.chars[this.at]; char !== '"'; char = this.chars[this.at]) {
			if (char === undefined) fail('a double quote is not closed');
			if (char === '$') {
				value += this.readDollar(depth);
				continue;
			}
			const next = this.chars[this.at + 1];
			this.at += 1;
			if (char === this.options.escape) {
				if (rawEscapes) value += char;
				if (next === undefined) continue;
				if (next === '"' || next === '$' || next === this.options.escape) {
					value += next;
					this.at += 1;
					continue;
				}
			}
			value += char;
		}
		this.at += 1;
		return value;
	}

	private readDollar(depth: number): string {
		if (depth > depthLimit) fail('the substitutions are nested too deep');
		this.at += 1;
		if (this.chars[this.at] !== '{') {
			const name = this.readName();
			return name === '' ? '$' : (this.lookup(name) ?? '');
		}
		this.at += 1;
		const first = this.chars[this.at];
		if (first === undefined) fail('a `}` is missing');
		if (first === '{' || first === '}' || first === ':') fail('a variable name belongs between `${` and `}`');
		const name = this.readName();
		const modifier = this.chars[this.at];
		this.at += 1;
		if (modifier === '}') return this.lookup(name) ?? '';
		if (modifier === undefined) fail('a `}` is missing');
		if (modifier === '/') return this.replace(name, depth);
		const colon = modifier === ':';
		const sign = colon ? (this.chars[this.at] ?? '') : modifier;
		if (colon) this.at += 1;
		if (!['-', '+', '?', '#', '%'].includes(sign)) {
			fail(`\`${colon ? ':' : ''}${sign}\` is no modifier: there are - + ? (also with : before), # ## % %% / //`);
		}
		return this.modify(name, {sign, colon}, this.readUntil('}', sign === '#' || sign === '%', depth + 1).value);
	}

	private modify(name: string, modifier: {readonly sign: string; readonly colon: boolean}, word: string): string {
		const {sign, colon} = modifier;
		const value = this.options.lookup(name);
		const missing = value === undefined || (colon && value === '');
		if (sign === '-') return missing ? word : value;
		if (sign === '+') return missing ? '' : word;
		if (sign === '?') {
			if (!missing) return value;
			const reason = word !== '' ? word : value === undefined ? 'it has no value' : 'its value is empty';
			throw new Failure({kind: 'required', name, reason});
		}
		const greedy = word.startsWith(sign);
		const pattern = parseShellPattern(greedy ? word.slice(1) : word);
		if (pattern === undefined) fail('in a pattern `\\` stands only before `*`, `?` and `\\`');
		return (sign === '#' ? trimPrefix : trimSuffix)(value ?? '', pattern, greedy);
	}

	private replace(name: string, depth: number): string {
		const all = this.chars[this.at] === '/';
		if (all) this.at += 1;
		const pattern = parseShellPattern(this.readUntil('/', true, depth + 1).value);
		const replacement = this.readUntil('}', true, depth + 1).value;
		if (pattern === undefined) fail('in a pattern `\\` stands only before `*`, `?` and `\\`');
		return replacePattern(this.lookup(name) ?? '', pattern, {replacement, all});
	}

	private lookup(name: string): string | undefined {
		const value = this.options.lookup(name);
		if (value === undefined && /^[\p{L}_]/v.test(name)) this.unset.push(name);
		return value;
	}

	/** Letters, digits and `_`; digits alone, or one of the shell's special parameters. */
	private readName(): string {
		const first = this.chars[this.at] ?? '';
		if (/^[@*#?\-$!]$/v.test(first)) {
			this.at += 1;
			return first;
		}
		const allowed = /^\p{Nd}$/v.test(first) ? /^\p{Nd}$/v : /^[\p{L}\p{Nd}_]$/v;
		let name = '';
		for (let char = first; allowed.test(char); char = this.chars[this.at] ?? '') {
			name += char;
			this.at += 1;
		}
		return name;
	}
}

/** Collects words: white space ends one only where it is neither quoted nor escaped. */
class Words {
	private readonly words: string[] = [];
	private word = '';

	addText(text: string): void {
		for (const char of text) {
			if (!/\s/v.test(char)) this.word += char;
			else if (this.word !== '') this.words.push(this.take());
		}
	}

	addRaw(text: string): void {
		this.word += text;
	}

	finish(): readonly string[] {
		return this.word === '' ? this.words : [...this.words, this.word];
	}

	private take(): string {
		const {word} = this;
		this.word = '';
		return word;
	}
}
