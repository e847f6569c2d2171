import {parseHeredocStart} from '../../grammar/heredoc.ts';
import type {Source} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {badValue, missingArgument} from '../diagnostics/instruction.ts';
import type {Instruction} from '../language/ast.ts';
import {argumentList, checkArity} from './check-arguments.ts';
import type {FlagRule} from './instruction.ts';

/** The flags COPY and ADD share. */
export const copyFlags: readonly FlagRule[] = [
	{name: 'chown', value: 'required', mayBeEmpty: true},
	{name: 'chmod', value: 'required', mayBeEmpty: true},
	{name: 'link', value: 'boolean'},
	{name: 'exclude', value: 'required', mayBeEmpty: true, repeatable: true},
];

export function checkCopy(instruction: Instruction, source: Source): readonly Diagnostic[] {
	const {args, keyword, keywordSpan} = instruction;
	const items = argumentList(args);
	const destination = items.at(-1);
	if (destination === undefined) return checkArity(instruction, source, {least: 1, expected: 'a source and a destination'});
	if (args.form === 'json-mixed') return checkArity(instruction, source, {least: 1, expected: ''});
	if (items.length === 1) return [missingArgument({source, span: keywordSpan}, keyword, 'a destination behind the source')];
	if (args.form === 'json' || parseHeredocStart(destination.text) === undefined) return [];
	return [
		badValue(
			{source, span: destination.span},
			{message: 'a heredoc cannot be the destination', help: 'write the path of the file behind it'},
		),
	];
}
