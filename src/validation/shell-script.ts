import {forEachChild, parse, type SyntaxNode} from 'unbash';
import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Boxfile, Instruction} from '../language/ast.ts';

/** What a shell gets to read of an instruction. */
export interface ShellScript {
	/** As long as the source is from `start` on: what only the Boxfile means is blanked, so that places are the same. */
	readonly text: string;
	/** Offset in the source. */
	readonly start: number;
	/** A heredoc alone: the script may name its own interpreter in its first line. */
	readonly isWhole: boolean;
}

/** The script of a command in text form; undefined for the other forms. */
export function shellScript({args, heredocs}: Instruction, {source, escape}: Boxfile): ShellScript | undefined {
	if (args.form !== 'text') return undefined;
	const [script] = heredocs;
	if (script !== undefined && parseHeredocStart(args.text.text) !== undefined) {
		const {start} = script.span;
		return {text: source.text.slice(start, start + script.content.length), start, isWhole: true};
	}
	const {start, end} = args.text.span;
	// Lines of heredocs stand as they are behind the joined ones.
	const line = joined(source.text.slice(start, end), escape);
	const bodies = source.text.slice(end, heredocs.at(-1)?.span.end ?? end);
	return {text: line + bodies, start, isWhole: false};
}

/** Calls `visit` with every node of a script, outermost first. What is nested deeper than the stack goes is left out. */
export function visitScript({text}: ShellScript, visit: (node: SyntaxNode) => void): void {
	const descend = (node: SyntaxNode): void => {
		visit(node);
		forEachChild(node, descend);
	};
	try {
		descend(parse(text));
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
	}
}

/** Continued lines as a shell continues them; comments and blank lines between them become spaces. */
function joined(text: string, escape: string): string {
	const lines = text.split('\n');
	return lines.map((line, index) => continued(line, {escape, isFirst: index === 0, isLast: index === lines.length - 1})).join('');
}

function continued(
	line: string,
	{escape, isFirst, isLast}: {readonly escape: string; readonly isFirst: boolean; readonly isLast: boolean},
): string {
	const isComment = !isFirst && /^\s*(?:#.*)?$/v.test(line);
	const words = isComment ? '' : line.trimEnd();
	if (isLast) return words.padEnd(line.length);
	// There is no room for an escape character in an empty line.
	if (line === '') return ' ';
	return `${(words.endsWith(escape) ? words.slice(0, -1) : words).padEnd(line.length - 1)}\\\n`;
}
