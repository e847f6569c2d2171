import {badFlagValue} from '../diagnostics/instruction.ts';
import {checkCopy, copyFlags} from './check-copy.ts';
import {flagNamed} from './check-flags.ts';
import type {InstructionDefinition} from './instruction.ts';
import {lowerCopy} from './lower-copy.ts';

export const copy: InstructionDefinition = {
	keyword: 'COPY',
	shape: 'json-or-words',
	heredocs: true,
	summary: 'copies files of the build context, a stage or an image',
	flags: [{name: 'from', value: 'required', mayBeEmpty: true}, ...copyFlags, {name: 'parents', value: 'boolean'}],
	check: (instruction, source) => {
		const from = flagNamed(instruction, 'from');
		const problems = checkCopy(instruction, source);
		if (from?.value?.includes('$') !== true) return problems;
		const expected = 'a name without variables (write `FROM $NAME AS stage` and copy from the stage)';
		return [...problems, badFlagValue({source, span: from.valueSpan}, {name: 'from', value: from.value, expected})];
	},
	lower: lowerCopy,
};
