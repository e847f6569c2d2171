import {createToken, Lexer, type CustomPatternMatcherFunc, type IToken, type TokenType} from 'chevrotain';
import type {Escape, KeywordTable, Shape} from './keyword-table.ts';
import {endOfFlag, endOfQuotedWord, jsonStrings} from './scan.ts';

const word = /[^\t\v\f\r ]+/vy;

export const tokenNames = {
	keyword: 'Keyword',
	flag: 'Flag',
	endOfFlags: 'EndOfFlags',
	text: 'Text',
	word: 'Word',
	pair: 'Pair',
	oldName: 'OldName',
	head: 'Head',
	jsonStart: 'JsonStart',
	jsonString: 'JsonString',
	jsonComma: 'JsonComma',
	jsonEnd: 'JsonEnd',
	jsonMixed: 'JsonMixed',
	heredoc: 'Heredoc',
	endOfLine: 'EndOfLine',
} as const;

/** `Keyword` is the category of all keyword tokens; `Heredoc` and `EndOfLine` are made by the line reader, not by a pattern. */
export const Keyword = createToken({name: tokenNames.keyword, pattern: Lexer.NA});
export const Heredoc = createToken({name: tokenNames.heredoc, pattern: Lexer.NA});
export const EndOfLine = createToken({name: tokenNames.endOfLine, pattern: Lexer.NA});
export const Space = createToken({name: 'Space', pattern: /[\t\v\f\r ]+/, group: Lexer.SKIPPED});
export const Flag = custom(tokenNames.flag, (text, offset, tokens) =>
	text.startsWith('--', offset) && mayBeFlag(tokens) && !isBareDashes(text, offset) ? cut(text, offset, endOfFlag(text, offset)) : null,
);
export const EndOfFlags = custom(tokenNames.endOfFlags, (text, offset, tokens) =>
	isBareDashes(text, offset) && mayBeFlag(tokens) ? cut(text, offset, offset + 2) : null,
);
export const Text = custom(tokenNames.text, (text, offset) => cut(text, offset, Math.max(offset, endOfText(text))));
export const Word = custom(tokenNames.word, cutWord);
export const Head = custom(tokenNames.head, cutWord, {push_mode: 'json-or-text'});
export const JsonMixed = custom(tokenNames.jsonMixed, (text, offset, tokens) => {
	if (text[offset] !== '[' || !isFirstArgument(tokens)) return null;
	const rest = text.slice(offset).trimEnd();
	return jsonStrings(rest) === 'mixed' ? cut(text, offset, offset + rest.length) : null;
});
export const JsonStart = custom(
	tokenNames.jsonStart,
	(text, offset, tokens) =>
		text[offset] === '[' && isFirstArgument(tokens) && Array.isArray(jsonStrings(text.slice(offset).trimEnd()))
			? cut(text, offset, offset + 1)
			: null,
	{push_mode: 'json'},
);
export const JsonString = createToken({name: tokenNames.jsonString, pattern: /"(?:[^"\\]|\\.)*"/});
export const JsonComma = createToken({name: tokenNames.jsonComma, pattern: /,/});
export const JsonEnd = createToken({name: tokenNames.jsonEnd, pattern: /\]/});

const allShapes: readonly Shape[] = ['words', 'text', 'json-or-words', 'json-or-text', 'pairs', 'names', 'headed', 'nested'];

/** What the lexer and the parser of one keyword table and escape character are made from. */
export interface Tokens {
	readonly keywords: readonly TokenType[];
	readonly pair: TokenType;
	readonly oldName: TokenType;
	readonly modes: Readonly<Record<string, TokenType[]>>;
	readonly all: readonly TokenType[];
}

export function createTokens(table: KeywordTable, escape: Escape): Tokens {
	const shapes = new Map(table.map(({keyword, shape}) => [keyword, shape]));
	// All keyword tokens look at the same place in turn.
	let looked:
		| {readonly text: string; readonly offset: number; readonly word: RegExpExecArray | null; readonly shape: Shape | undefined}
		| undefined;
	const look = (text: string, offset: number): NonNullable<typeof looked> => {
		if (looked === undefined || looked.text !== text || looked.offset !== offset) {
			const word = cutWord(text, offset);
			looked = {text, offset, word, shape: word === null ? undefined : shapes.get(word[0].toUpperCase())};
		}
		return looked;
	};
	const keyword = (shape: Shape | undefined, mode: string) =>
		custom(
			`Keyword:${shape ?? 'unknown'}:${mode}`,
			(text, offset) => {
				const found = look(text, offset);
				return found.shape === shape ? found.word : null;
			},
			{push_mode: mode, categories: [Keyword]},
		);
	const keywords = [...allShapes, undefined].map((shape) => keyword(shape, shape ?? 'text'));
	// An instruction inside an instruction holds no third one: otherwise a long line of them would exhaust the parser's stack.
	const inner = [...keywords.filter((_, index) => allShapes[index] !== 'nested'), keyword('nested', 'text')];
	const pair = custom(tokenNames.pair, (text, offset) => cut(text, offset, endOfQuotedWord(text, offset, escape)));
	const oldName = custom(
		tokenNames.oldName,
		(text, offset, tokens) => {
			if (!isFirstArgument(tokens) || text.slice(offset, endOfQuotedWord(text, offset, escape)).includes('=')) return null;
			return cutWord(text, offset);
		},
		{push_mode: 'text'},
	);
	const flags = [Space, EndOfFlags, Flag];
	const modes = {
		start: [Space, ...keywords],
		words: [...flags, Word],
		text: [...flags, Text],
		'json-or-words': [...flags, JsonStart, JsonMixed, Word],
		'json-or-text': [...flags, JsonStart, JsonMixed, Text],
		pairs: [...flags, oldName, pair],
		names: [...flags, pair],
		headed: [...flags, Head],
		nested: [...flags, ...inner],
		json: [Space, JsonString, JsonComma, JsonEnd],
	};
	const all = [...new Set([...Object.values(modes).flat(), Keyword, Heredoc, EndOfLine])];
	return {keywords, pair, oldName, modes, all};
}

type Options = {readonly push_mode?: string; readonly categories?: TokenType[]};

function custom(name: string, pattern: CustomPatternMatcherFunc, options: Options = {}): TokenType {
	return createToken({name, pattern: {exec: pattern}, line_breaks: false, ...options});
}

function cut(text: string, start: number, end: number): RegExpExecArray | null {
	return end > start ? ([text.slice(start, end)] as unknown as RegExpExecArray) : null;
}

/** Where a text ends without the white space behind it. */
function endOfText(text: string): number {
	let end = text.length;
	while (end > 0 && '\t\v\f\r '.includes(text[end - 1] ?? '')) end -= 1;
	return end;
}

function cutWord(text: string, offset: number): RegExpExecArray | null {
	word.lastIndex = offset;
	return word.exec(text);
}

function isBareDashes(text: string, offset: number): boolean {
	return text.startsWith('--', offset) && (offset + 2 === text.length || /\s/v.test(text[offset + 2] ?? ''));
}

function mayBeFlag(tokens: readonly IToken[]): boolean {
	const last = tokens.at(-1)?.tokenType;
	return last !== undefined && (last === Flag || isKeyword(last));
}

function isFirstArgument(tokens: readonly IToken[]): boolean {
	const last = tokens.at(-1)?.tokenType;
	return last !== undefined && (last === Flag || last === EndOfFlags || last === Head || isKeyword(last));
}

function isKeyword(type: TokenType): boolean {
	return type.CATEGORIES?.includes(Keyword) === true;
}
