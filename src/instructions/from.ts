import {missingArgument, tooManyArguments} from '../diagnostics/instruction.ts';
import {argumentList} from './check-arguments.ts';
import type {InstructionDefinition} from './instruction.ts';

export const from: InstructionDefinition = {
	keyword: 'FROM',
	shape: 'words',
	heredocs: false,
	summary: 'begins a stage on a base',
	flags: [{name: 'platform', value: 'required', mayBeEmpty: true}],
	check: ({args, keyword, keywordSpan}, source) => {
		const [base, as, name, surplus] = argumentList(args);
		if (base === undefined) return [missingArgument({source, span: keywordSpan}, keyword, 'a base')];
		if (as === undefined) return [];
		if (as.text.toLowerCase() !== 'as') return [tooManyArguments({source, span: as.span}, keyword, 'a base and `AS NAME`')];
		if (name === undefined) return [missingArgument({source, span: as.span}, keyword, 'a name behind `AS`')];
		return surplus === undefined ? [] : [tooManyArguments({source, span: surplus.span}, keyword, 'a base and `AS NAME`')];
	},
};
