import {createTokenInstance, type CstNode, type ILexingError, type IRecognitionException, type IToken} from 'chevrotain';
import {grammarOf, type Grammar} from './grammar.ts';
import {parseHeredocStart, rawWords, type HeredocStart} from './heredoc.ts';
import type {Escape, KeywordTable} from './keyword-table.ts';
import {physicalLineAt, readLogicalLine, sourceOffset, type LogicalLine} from './logical-line.ts';
import {EndOfLine, Heredoc, JsonMixed, JsonStart} from './tokens.ts';

/** What every token carries: its logical line and its place there, so that places inside it can be found. */
export interface TokenPlace {
	readonly line: LogicalLine;
	readonly offset: number;
}

/** What a Heredoc token carries. Its own span is the body with the end line. */
export interface HeredocPlace extends HeredocStart {
	readonly content: string;
	readonly terminated: boolean;
	/** Offset in the file of the instruction whose line opens it. */
	readonly opened: number;
}

/** What is wrong with the syntax of a file, or will be. */
export interface SyntaxFindings {
	readonly lexical: readonly {readonly message: string; readonly offset: number}[];
	readonly grammatical: readonly IRecognitionException[];
	/** Offsets of blank lines inside continued instructions. */
	readonly blankLines: readonly number[];
}

export interface ReadOptions {
	readonly keywords: KeywordTable;
	readonly escape: Escape;
	/** Gets the concrete syntax of each instruction in order. (Kept for the whole file it would be moved about by the garbage collector.) */
	readonly visit: (instruction: CstNode) => void;
}

/** Reads all instructions from `start` on: joins lines, cuts heredocs out, and parses the tokens of each instruction by themselves. */
export function readBoxfile(text: string, start: number, options: ReadOptions): SyntaxFindings {
	const grammar = grammarOf(options.keywords, options.escape);
	const grammatical: IRecognitionException[] = [];
	const lexical: {message: string; offset: number}[] = [];
	const blankLines: number[] = [];
	for (let offset = start; offset < text.length;) {
		const first = physicalLineAt(text, offset);
		const content = text.slice(first.start, first.end).trim();
		if (content === '' || content.startsWith('#')) {
			offset = first.next;
			continue;
		}
		const line = readLogicalLine(text, offset, options.escape);
		const {tokens: found, errors} = tokenize(grammar, line);
		lexical.push(...errors.map((error) => ({message: error.message, offset: sourceOffset(line, error.offset)})));
		blankLines.push(...line.blankLines);
		offset = line.next;
		if (found.length === 0) continue;
		const tokens = [...found];
		for (const heredoc of heredocsOf(line, found, options.keywords)) {
			const {token, terminated} = cutHeredoc(text, offset, {heredoc, opened: sourceOffset(line, 0)});
			if (heredoc.spaced && !terminated) continue;
			tokens.push(token);
			offset = token.endOffset === undefined ? offset : token.endOffset + 1;
		}
		tokens.push(createTokenInstance(EndOfLine, '\n', line.end, line.end, NaN, NaN, NaN, NaN));
		options.visit(grammar.parser.parse(tokens));
		grammatical.push(...grammar.parser.errors);
	}
	return {lexical, grammatical, blankLines};
}

function tokenize(grammar: Grammar, line: LogicalLine): {readonly tokens: readonly IToken[]; readonly errors: readonly ILexingError[]} {
	const {tokens, errors} = grammar.lexer.tokenize(line.text, 'start');
	for (const token of tokens) {
		const place: TokenPlace = {line, offset: token.startOffset};
		token.payload = place;
		const last = token.startOffset + token.image.length - 1;
		token.startOffset = sourceOffset(line, token.startOffset);
		token.endOffset = sourceOffset(line, last);
	}
	return {tokens, errors};
}

function heredocsOf(line: LogicalLine, tokens: readonly IToken[], keywords: KeywordTable): readonly HeredocStart[] {
	if (!line.text.includes('<<') || tokens.some(({tokenType}) => tokenType === JsonStart || tokenType === JsonMixed)) return [];
	const named = (image: string | undefined) => keywords.find(({keyword}) => keyword === image?.toUpperCase());
	const first = named(tokens[0]?.image);
	const capable = first?.shape === 'nested' ? named(tokens[1]?.image) : first;
	if (capable?.heredocs !== true) return [];
	return (rawWords(line.text) ?? []).flatMap((word) => parseHeredocStart(word) ?? []);
}

interface CutHeredoc {
	readonly token: IToken;
	readonly terminated: boolean;
}

function cutHeredoc(text: string, start: number, from: {readonly heredoc: HeredocStart; readonly opened: number}): CutHeredoc {
	const {heredoc, opened} = from;
	let offset = start;
	while (offset < text.length) {
		const line = physicalLineAt(text, offset);
		const content = text.slice(line.start, line.end);
		if ((heredoc.chomp ? content.replace(/^\t+/v, '') : content) === heredoc.name) {
			const token = heredocToken(text, {start, bodyEnd: line.start, end: line.next}, {...heredoc, opened, terminated: true});
			return {token, terminated: true};
		}
		offset = line.next;
	}
	const token = heredocToken(text, {start, bodyEnd: text.length, end: text.length}, {...heredoc, opened, terminated: false});
	return {token, terminated: false};
}

function heredocToken(
	text: string,
	range: {readonly start: number; readonly bodyEnd: number; readonly end: number},
	place: Omit<HeredocPlace, 'content'>,
): IToken {
	const token = createTokenInstance(Heredoc, place.name, range.start, range.end - 1, NaN, NaN, NaN, NaN);
	const payload: HeredocPlace = {...place, content: text.slice(range.start, range.bodyEnd)};
	token.payload = payload;
	return token;
}
