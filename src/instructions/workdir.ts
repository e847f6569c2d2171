import {checkArity} from './check-arguments.ts';
import {expandArgument} from './expand-argument.ts';
import type {InstructionDefinition} from './instruction.ts';
import {resolveIn} from './resolve-path.ts';

export const workdir: InstructionDefinition = {
	keyword: 'WORKDIR',
	shape: 'text',
	heredocs: false,
	summary: 'sets the working directory and makes it when it does not exist',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: 1, expected: 'a path'}),
	lower: ({args}, state, context) => {
		if (args.form !== 'text') return undefined;
		const text = expandArgument(args.text, state, context);
		if (text === undefined) return undefined;
		// An empty path stays where it is.
		const path = resolveIn(state.config.WorkingDir, text);
		const {User} = state.config;
		return {
			state: {...state, config: {...state.config, WorkingDir: path}},
			op: path === '/' ? {kind: 'config'} : {kind: 'make-directory', path, ...(User === undefined || User === '' ? {} : {owner: User})},
			createdBy: `WORKDIR ${path}`,
		};
	},
};
