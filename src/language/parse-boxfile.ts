import type {CstNode} from 'chevrotain';
import type {KeywordTable} from '../../grammar/keyword-table.ts';
import {readBoxfile, type HeredocPlace, type SyntaxFindings} from '../../grammar/read-boxfile.ts';
import type {Source} from '../core/source.ts';
import {hasErrors, type Diagnostic, type Outcome} from '../diagnostics/diagnostic.ts';
import {blankContinuation, emptyFile, unexpectedText, unterminatedHeredoc} from '../diagnostics/syntax.ts';
import type {Boxfile, Instruction} from './ast.ts';
import {buildInstruction} from './build-ast.ts';
import {readDirectives} from './directives.ts';
import {createLineIndex} from './line-index.ts';

/** Parses a whole file; there is always a value, and it holds every instruction that could be read. */
export function parseBoxfile(source: Source, keywords: KeywordTable): Outcome<Boxfile> {
	const {directives, escape, start, diagnostics} = readDirectives(source);
	const lineOf = createLineIndex(source.text);
	const instructions: Instruction[] = [];
	const unterminated: Diagnostic[] = [];
	const visit = (node: CstNode): void => {
		const instruction = buildInstruction(node, lineOf);
		if (instruction !== undefined) instructions.push(instruction);
		for (const token of node.children['Heredoc'] ?? []) {
			if (!('payload' in token)) continue;
			const place = token.payload as HeredocPlace;
			if (!place.terminated) unterminated.push(unterminatedHeredoc({source, span: lineSpan(source.text, place.opened)}, place.name));
		}
	};
	const syntax = readBoxfile(source.text, start, {keywords, escape, visit});
	const found = [...diagnostics, ...syntaxErrors(source, syntax), ...unterminated];
	// A warning is not enough: without an error somebody would wait for a plan.
	if (instructions.length === 0 && !hasErrors(found)) found.push(emptyFile(source));
	return {value: {source, escape, directives, instructions}, diagnostics: found};
}

function syntaxErrors(source: Source, syntax: SyntaxFindings): Diagnostic[] {
	const at = (offset: number, length: number) => ({source, span: {start: offset, end: Math.min(offset + length, source.text.length)}});
	return [
		...syntax.blankLines.map((offset) => blankContinuation(at(offset, 0))),
		...syntax.lexical.map(({offset}) => unexpectedText(at(offset, 1), 'this character stands where an argument begins')),
		...syntax.grammatical.map(({token, message}) => {
			const atEnd = Number.isNaN(token.startOffset);
			return unexpectedText(at(atEnd ? source.text.length : token.startOffset, atEnd ? 0 : token.image.length), message);
		}),
	];
}

function lineSpan(text: string, start: number): {readonly start: number; readonly end: number} {
	const end = text.indexOf('\n', start);
	return {start, end: end === -1 ? text.length : end};
}
