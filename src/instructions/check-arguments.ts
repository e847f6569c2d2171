import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {missingArgument, missingEquals, tooManyArguments} from '../diagnostics/instruction.ts';
import {almostJson, mixedJson} from '../diagnostics/syntax.ts';
import {badVariableName} from '../diagnostics/variable.ts';
import type {Argument, Arguments, Instruction} from '../language/ast.ts';

/** How many arguments there may be, and how to say it: `FROM needs a base`. */
export interface Arity {
	readonly least: number;
	readonly most?: number;
	readonly expected: string;
}

export function checkArity(instruction: Instruction, source: Source, arity: Arity): readonly Diagnostic[] {
	const items = argumentList(instruction.args);
	if (instruction.args.form === 'json-mixed') return [mixedJson({source, span: instruction.args.text.span})];
	if (items.length < arity.least) {
		return [missingArgument({source, span: items.at(-1)?.span ?? instruction.keywordSpan}, instruction.keyword, arity.expected)];
	}
	const surplus = items[arity.most ?? Infinity];
	if (surplus === undefined) return checkAlmostJson(instruction.args, source);
	const span = {start: surplus.span.start, end: items.at(-1)?.span.end ?? surplus.span.end};
	return [tooManyArguments({source, span}, instruction.keyword, arity.expected)];
}

/** The NAME=VALUE arguments of ENV and LABEL. */
export function checkPairs({keyword, keywordSpan, args}: Instruction, source: Source): readonly Diagnostic[] {
	if (args.form === 'old-pair') {
		return args.value === undefined ? [missingArgument({source, span: args.name.span}, keyword, 'a value for each name')] : [];
	}
	if (args.form !== 'pairs') return [missingArgument({source, span: keywordSpan}, keyword, 'NAME=VALUE')];
	return args.pairs.flatMap(({name, value}) => {
		if (value === undefined) return [missingEquals({source, span: name.span}, keyword, name.text)];
		return name.text === '' ? [badVariableName({source, span: value.span}, keyword)] : [];
	});
}

export function isEmpty(args: Arguments): boolean {
	return argumentList(args).length === 0;
}

/** The arguments one after another; the text form is one argument. */
export function argumentList(args: Arguments): readonly Argument[] {
	switch (args.form) {
		case 'words':
		case 'json':
		case 'pairs':
			return args.items;
		case 'text':
		case 'json-mixed':
			return [args.text];
		case 'old-pair':
			return args.value === undefined ? [args.name] : [args.name, args.value];
		case 'headed':
			return [args.head, ...argumentList(args.rest)];
		case 'none':
		case 'nested':
			return [];
	}
}

/** `CMD ['a', "b"]` is legal and surely not meant; `RUN [ "$a" = b ]` is a shell's test. */
function checkAlmostJson(args: Arguments, source: Source): readonly Diagnostic[] {
	if (args.form !== 'text' || !/^\[\s*["'][^"']*["']\s*,.*\]$/v.test(args.text.text)) return [];
	return [almostJson({source, span: args.text.span})];
}
