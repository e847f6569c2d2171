import type {CstElement, CstNode, IToken} from 'chevrotain';
import type {HeredocPlace, TokenPlace} from '../../grammar/read-boxfile.ts';
import {sourceOffset} from '../../grammar/logical-line.ts';
import type {Span} from '../core/source.ts';
import type {Argument, Arguments, Flag, Heredoc, Instruction, Pair} from './ast.ts';

/** Turns the concrete syntax of one instruction into its abstract syntax; undefined for what the parser could not complete. */
export function buildInstruction(node: CstNode, lineOf: (offset: number) => number): Instruction | undefined {
	const command = nodesOf(node, 'command')[0];
	if (command === undefined) return undefined;
	const heredocs = tokensOf(node, 'Heredoc').map(buildHeredoc);
	return buildCommand(command, heredocs, lineOf);
}

function buildCommand(node: CstNode, heredocs: readonly Heredoc[], lineOf: (offset: number) => number): Instruction | undefined {
	const keyword = tokensOf(node, 'Keyword')[0];
	if (keyword === undefined) return undefined;
	const {line, offset} = keyword.payload as TokenPlace;
	const text = line.text.slice(offset).trimEnd();
	const span = {start: keyword.startOffset, end: sourceOffset(line, offset + text.length - 1) + 1};
	const lastHeredoc = heredocs.at(-1);
	const nested = nodesOf(node, 'command')[0];
	const inner = nested === undefined ? undefined : buildCommand(nested, heredocs, lineOf);
	return {
		keyword: keyword.image.toUpperCase(),
		keywordSpan: spanOf(keyword),
		span,
		flags: tokensOf(node, 'Flag').map(buildFlag),
		args: inner === undefined ? buildArguments(node) : {form: 'nested', instruction: inner},
		heredocs,
		text,
		startLine: lineOf(span.start),
		endLine: lineOf(Math.max(line.end, (lastHeredoc?.span.end ?? 0) - 1)),
	};
}

function buildArguments(node: CstNode): Arguments {
	const [name, children] = Object.entries(node.children).find(([, [first]]) => first !== undefined && 'name' in first) ?? [];
	const child = children?.[0];
	if (child === undefined || !('name' in child)) return {form: 'none'};
	switch (name) {
		case 'words':
			return {form: 'words', items: tokensOf(child, 'Word').map(argumentOf)};
		case 'pairs': {
			const items = tokensOf(child, 'Pair');
			return {form: 'pairs', items: items.map(argumentOf), pairs: items.map(buildPair)};
		}
		case 'oldPair':
			return buildOldPair(child);
		case 'json':
			return buildJson(child);
		case 'jsonMixed':
			return withFirst(child, 'JsonMixed', (text) => ({form: 'json-mixed', text}));
		case 'headed':
			return withFirst(child, 'Head', (head) => ({form: 'headed', head, rest: buildArguments(child)}));
		default:
			return withFirst(child, 'Text', (text) => ({form: 'text', text}));
	}
}

function withFirst(node: CstNode, name: string, make: (argument: Argument) => Arguments): Arguments {
	const token = tokensOf(node, name)[0];
	return token === undefined ? {form: 'none'} : make(argumentOf(token));
}

function buildJson(node: CstNode): Arguments {
	const start = tokensOf(node, 'JsonStart')[0];
	const end = tokensOf(node, 'JsonEnd')[0];
	if (start === undefined || end === undefined) return {form: 'none'};
	const items = tokensOf(node, 'JsonString').map((token) => ({text: JSON.parse(token.image) as string, span: spanOf(token)}));
	return {form: 'json', items, span: {start: start.startOffset, end: spanOf(end).end}};
}

function buildOldPair(node: CstNode): Arguments {
	const name = tokensOf(node, 'OldName')[0];
	const value = tokensOf(node, 'Text')[0];
	if (name === undefined) return {form: 'none'};
	return {form: 'old-pair', name: argumentOf(name), ...(value === undefined ? {} : {value: argumentOf(value)})};
}

function buildPair(token: IToken): Pair {
	const at = token.image.indexOf('=');
	if (at === -1) return {name: argumentOf(token)};
	return {name: partOf(token, 0, at), value: partOf(token, at + 1, token.image.length)};
}

function buildFlag(token: IToken): Flag {
	const {image} = token;
	const at = image.indexOf('=');
	const plain = unquoteFlag(image.slice(2));
	const cut = plain.indexOf('=');
	if (cut === -1 || at === -1) return {name: plain, span: spanOf(token), valueSpan: spanOf(token)};
	return {
		name: plain.slice(0, cut),
		value: plain.slice(cut + 1),
		span: spanOf(token),
		valueSpan: at + 1 < image.length ? partOf(token, at + 1, image.length).span : spanOf(token),
	};
}

/** Quotes group, a backslash takes the next character as it is (not between single quotes); always a backslash, whatever `escape` says. (Node 20 never matches a quantified `[^]` with the flag v.) */
function unquoteFlag(text: string): string {
	return text.replaceAll(/'([^']*)'?|"((?:[^"\\]|\\[^])*)"?|\\([\s\S]?)/gv, (_, single?: string, double?: string, escaped?: string) => {
		if (double !== undefined) return double.replaceAll(/\\([^])/gv, '$1');
		return single ?? escaped ?? '';
	});
}

function buildHeredoc(token: IToken): Heredoc {
	const {name, content, expand, chomp, fd} = token.payload as HeredocPlace;
	return {name, content, expand, chomp, fd, span: {start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1}};
}

function partOf(token: IToken, from: number, to: number): Argument {
	const {line, offset} = token.payload as TokenPlace;
	const start = sourceOffset(line, offset + from);
	const end = to > from ? sourceOffset(line, offset + to - 1) + 1 : start;
	return {text: token.image.slice(from, to), span: {start, end}};
}

function argumentOf(token: IToken): Argument {
	return {text: token.image, span: spanOf(token)};
}

function spanOf(token: IToken): Span {
	return {start: token.startOffset, end: (token.endOffset ?? token.startOffset) + 1};
}

function tokensOf(node: CstNode, name: string): readonly IToken[] {
	return (node.children[name] ?? []).filter(isToken);
}

function nodesOf(node: CstNode, name: string): readonly CstNode[] {
	return (node.children[name] ?? []).filter((element): element is CstNode => !isToken(element));
}

function isToken(element: CstElement): element is IToken {
	return 'image' in element;
}
