import {deprecatedMaintainer} from '../diagnostics/instruction.ts';
import {checkArity} from './check-arguments.ts';
import type {InstructionDefinition} from './instruction.ts';

export const maintainer: InstructionDefinition = {
	keyword: 'MAINTAINER',
	shape: 'text',
	heredocs: false,
	summary: 'sets the author of the image (deprecated)',
	flags: [],
	check: (instruction, source) => {
		const {args, keywordSpan} = instruction;
		if (args.form !== 'text') return checkArity(instruction, source, {least: 1, expected: 'a name'});
		return [deprecatedMaintainer({source, span: keywordSpan}, args.text.text)];
	},
	lower: ({args}, state) => {
		const author = args.form === 'text' ? args.text.text : '';
		return {state: {...state, author}, op: {kind: 'config'}, createdBy: `MAINTAINER ${author}`};
	},
};
