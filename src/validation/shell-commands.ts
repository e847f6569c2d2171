import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Span} from '../core/source.ts';
import type {Argument, Boxfile, Instruction} from '../language/ast.ts';

/** A simple command of a RUN: its words without quotes, assignments and `sudo` before it left out. */
export interface ShellCommand {
	readonly words: readonly string[];
	/** From the first to the last word. */
	readonly span: Span;
	/** False when it is the last command of the RUN. */
	readonly followed: boolean;
}

const leading = /^(?:if|then|else|elif|do|while|until|!|\{|sudo|exec|time|[A-Za-z_]\w*=.*)$/v;

/** The commands of a RUN by a look at its words: quotes, separators and continuation lines are understood, the rest of the shell is not. */
export function shellCommands({args, heredocs}: Instruction, {source, escape}: Boxfile): readonly ShellCommand[] {
	if (args.form === 'json') return commandsOf([[...args.items]]);
	if (args.form !== 'text') return [];
	const [script] = heredocs;
	const isScript = script !== undefined && parseHeredocStart(args.text.text) !== undefined;
	const {start, end} = isScript ? {start: script.span.start, end: script.span.start + script.content.length} : args.text.span;
	return commandsOf(splitCommands(source.text.slice(0, end), start, {escape, lines: isScript}));
}

function commandsOf(lists: readonly (readonly Argument[])[]): readonly ShellCommand[] {
	const commands = lists.flatMap((list) => {
		const first = list.findIndex(({text}) => !leading.test(text));
		const words = first === -1 ? [] : list.slice(first);
		const [head] = words;
		const last = words.at(-1);
		return head === undefined || last === undefined
			? []
			: [{words: words.map(({text}) => text), span: {start: head.span.start, end: last.span.end}}];
	});
	return commands.map((command, index) => ({...command, followed: index < commands.length - 1}));
}

/** `lines`: a line end ends a command (a script), otherwise lines are continuations with comments between them. */
function splitCommands(
	text: string,
	start: number,
	mode: {readonly escape: string; readonly lines: boolean},
): readonly (readonly Argument[])[] {
	const lists: Argument[][] = [[]];
	for (let at = start; at < text.length;) {
		const rest = text.slice(at, at + 2);
		const continuation = continuationAt(text, at, mode.escape);
		if (continuation !== undefined) at = mode.lines ? continuation : behindComments(text, continuation);
		else if (/^(?:[;\n\|\(\)]|&)/v.test(rest)) {
			if (rest.startsWith('\n') && !mode.lines) at = behindComments(text, at + 1);
			else {
				lists.push([]);
				at += 1;
			}
		} else if (/^\s/v.test(rest)) at += 1;
		else if (rest.startsWith('#') && mode.lines) at = endOfLine(text, at);
		else {
			const word = wordAt(text, at, mode.escape);
			lists.at(-1)?.push(word);
			at = word.span.end;
		}
	}
	return lists;
}

function wordAt(text: string, start: number, escape: string): Argument {
	let word = '';
	let at = start;
	for (let char = text[at]; char !== undefined && char !== '&' && !/[\s;\|\(\)]/v.test(char); char = text[at]) {
		if (continuationAt(text, at, escape) !== undefined) break;
		const quoted = /^(?:'[^']*'|"(?:[^"\\]|\\[^])*")/v.exec(char === "'" || char === '"' ? text.slice(at) : '')?.[0];
		if (quoted !== undefined) {
			word += quoted.slice(1, -1);
			at += quoted.length;
			continue;
		}
		const taken = char === '\\' ? text.slice(at, at + 2) : char;
		word += char === '\\' ? taken.slice(1) : taken;
		at += taken.length;
	}
	return {text: word, span: {start, end: Math.max(at, start + 1)}};
}

/** Where the next line begins when the escape character at `at` ends its line. */
function continuationAt(text: string, at: number, escape: string): number | undefined {
	if (text[at] !== escape) return undefined;
	const match = /^[ \t\r]*\n/v.exec(text.slice(at + 1, endOfLine(text, at) + 1));
	return match === null ? undefined : at + 1 + match[0].length;
}

function behindComments(text: string, start: number): number {
	let at = start;
	while (/^[ \t]*#/v.test(text.slice(at, endOfLine(text, at)))) at = endOfLine(text, at) + 1;
	return at;
}

function endOfLine(text: string, at: number): number {
	const end = text.indexOf('\n', at);
	return end === -1 ? text.length : end;
}
