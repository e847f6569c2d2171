import type {Source, Span} from '../core/source.ts';
import type {Escape} from '../../grammar/keyword-table.ts';

/** One argument as written: quotes, escapes and variables still in it, continuation lines joined. */
export interface Argument {
	readonly text: string;
	readonly span: Span;
}

/** NAME=VALUE of ENV, LABEL or ARG, not yet expanded; `value` is absent where there is no `=`. */
export interface Pair {
	readonly name: Argument;
	readonly value?: Argument;
}

/** The arguments behind keyword and flags. */
export type Arguments =
	| {readonly form: 'none'}
	| {readonly form: 'text'; readonly text: Argument}
	| {readonly form: 'words'; readonly items: readonly Argument[]}
	| {readonly form: 'json'; readonly items: readonly Argument[]; readonly span: Span}
	/** A JSON array with members that are no strings. */
	| {readonly form: 'json-mixed'; readonly text: Argument}
	| {readonly form: 'pairs'; readonly items: readonly Argument[]; readonly pairs: readonly Pair[]}
	/** `ENV NAME VALUE`: the value is the rest of the line. */
	| {readonly form: 'old-pair'; readonly name: Argument; readonly value?: Argument}
	| {readonly form: 'headed'; readonly head: Argument; readonly rest: Arguments}
	| {readonly form: 'nested'; readonly instruction: Instruction};

/** `--name=value` or `--name`; quotes and escapes are resolved, variables are not. */
export interface Flag {
	readonly name: string;
	readonly value?: string;
	readonly span: Span;
	/** The value alone; the whole flag when it has none. */
	readonly valueSpan: Span;
}

export interface Heredoc {
	readonly name: string;
	/** The body as it stands in the file, the last line end included. */
	readonly content: string;
	readonly expand: boolean;
	readonly chomp: boolean;
	readonly fd: number;
	/** Body and end line. */
	readonly span: Span;
}

export interface Instruction {
	/** Upper case. */
	readonly keyword: string;
	readonly keywordSpan: Span;
	/** From the keyword to the last argument, without heredoc bodies. */
	readonly span: Span;
	readonly flags: readonly Flag[];
	readonly args: Arguments;
	readonly heredocs: readonly Heredoc[];
	/** As written, continuation lines joined, without comments between them. */
	readonly text: string;
	/** From 1. */
	readonly startLine: number;
	readonly endLine: number;
}

export interface Directive {
	readonly name: string;
	readonly value: string;
	readonly span: Span;
}

export interface Boxfile {
	readonly source: Source;
	readonly escape: Escape;
	readonly directives: readonly Directive[];
	readonly instructions: readonly Instruction[];
}
