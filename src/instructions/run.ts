import {ownValue} from './arg.ts';
import {checkArity} from './check-arguments.ts';
import {runEnvironment} from './environment.ts';
import type {InstructionDefinition, LowerContext, StageState} from './instruction.ts';
import {checkCommand, commandFlags, lowerCommand} from './run-command.ts';

export const run: InstructionDefinition = {
	keyword: 'RUN',
	shape: 'json-or-text',
	heredocs: true,
	summary: 'runs a command and keeps the changes it makes as a layer',
	flags: commandFlags,
	check: (instruction, source) => [
		...checkArity(instruction, source, {least: 1, expected: 'a command'}),
		...checkCommand(instruction, source),
	],
	lower: (instruction, state, context) => {
		const command = lowerCommand(instruction, state, context);
		if (command === undefined) return undefined;
		return {state, ...command, createdBy: `RUN ${[...declaredArgs(state, context), ...command.op.args].join(' ')}`};
	},
};

/** `|2 A=1 B=2`: how BuildKit notes the build arguments a command can see. */
function declaredArgs(state: StageState, {buildArgs}: LowerContext): readonly string[] {
	const environment = new Map(runEnvironment(state));
	const names = [...new Set(state.args.map(([name]) => name))];
	if (names.length === 0) return [];
	return [`|${names.length}`, ...names.map((name) => `${name}=${environment.get(name) ?? ownValue(buildArgs, name) ?? ''}`)];
}
