import {checkPairs} from './check-arguments.ts';
import {expandPairs} from './env.ts';
import type {InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

export const label: InstructionDefinition = {
	keyword: 'LABEL',
	shape: 'pairs',
	heredocs: false,
	summary: 'adds metadata to the image',
	flags: [],
	check: checkPairs,
	lower: (instruction, state, context) => {
		const pairs = expandPairs(instruction.args, state, context);
		if (pairs === undefined) return undefined;
		const Labels = {...state.config.Labels, ...Object.fromEntries(pairs)};
		return configChange(state, {Labels}, `LABEL ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`);
	},
};
