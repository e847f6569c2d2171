import {badValue} from '../diagnostics/instruction.ts';
import type {RunConfig} from '../oci/image-config.ts';
import {checkArity} from './check-arguments.ts';
import type {InstructionDefinition} from './instruction.ts';
import {commandOf, configChange, quotedList} from './lowering.ts';

export const cmd: InstructionDefinition = {
	keyword: 'CMD',
	shape: 'json-or-text',
	heredocs: false,
	summary: 'sets what a container runs, or the arguments of ENTRYPOINT',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: instruction.args.form === 'json' ? 0 : 1, expected: 'a command'}),
	lower: ({args}, state) => {
		const command = commandOf(args, state.config);
		const {Cmd: _, ...config} = state.config;
		return configChange(
			{...state, config, commandSet: true},
			{...unlessEmpty('Cmd', command), ArgsEscaped: true},
			`CMD ${quotedList(command)}`,
		);
	},
};

export const entrypoint: InstructionDefinition = {
	keyword: 'ENTRYPOINT',
	shape: 'json-or-text',
	heredocs: false,
	summary: 'sets the program a container starts; forgets the CMD of the base',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: instruction.args.form === 'json' ? 0 : 1, expected: 'a command'}),
	lower: ({args}, state) => {
		const command = commandOf(args, state.config);
		const {Cmd: inherited, Entrypoint: _, ...config} = state.config;
		const kept = state.commandSet && inherited !== undefined ? {...config, Cmd: inherited} : config;
		return configChange({...state, config: kept}, unlessEmpty('Entrypoint', command), `ENTRYPOINT ${quotedList(command)}`);
	},
};

export const shell: InstructionDefinition = {
	keyword: 'SHELL',
	shape: 'json-or-text',
	heredocs: false,
	summary: 'sets the shell of the shell forms of RUN, CMD and ENTRYPOINT',
	flags: [],
	check: (instruction, source) => {
		const expected = 'a JSON array such as `["/bin/bash", "-c"]`';
		const {args} = instruction;
		if (args.form !== 'text') return checkArity(instruction, source, {least: 1, expected});
		return [badValue({source, span: args.text.span}, {message: 'SHELL has no shell form', help: `write ${expected}`})];
	},
	lower: ({args}, state) => {
		const Shell = commandOf(args, state.config);
		return configChange(state, {Shell}, `SHELL [${Shell.join(' ')}]`);
	},
};

/** `CMD []` leaves no member in the configuration. */
function unlessEmpty(member: 'Cmd' | 'Entrypoint', command: readonly string[]): RunConfig {
	return command.length === 0 ? {} : {[member]: command};
}
