import type {Argument, Arguments} from '../language/ast.ts';
import {checkPairs} from './check-arguments.ts';
import {hideArgs, setVariable} from './environment.ts';
import {expandAll} from './expand-argument.ts';
import type {InstructionDefinition, LowerContext, StageState} from './instruction.ts';
import {configChange} from './lowering.ts';

export const env: InstructionDefinition = {
	keyword: 'ENV',
	shape: 'pairs',
	heredocs: false,
	summary: 'sets environment variables for the following steps and for the image',
	flags: [],
	check: checkPairs,
	lower: (instruction, state, context) => {
		const pairs = expandPairs(instruction.args, state, context);
		if (pairs === undefined) return undefined;
		const Env = pairs.reduce((list, [name, value]) => setVariable(list, name, value), state.config.Env ?? []);
		const args = hideArgs(
			state.args,
			pairs.map(([name]) => name),
		);
		return configChange({...state, args}, {Env}, `ENV ${pairs.map(([name, value]) => `${name}=${value}`).join(' ')}`);
	},
};

/** NAME=VALUE arguments expanded; all values of one instruction see the state before it. */
export function expandPairs(
	args: Arguments,
	state: StageState,
	context: LowerContext,
): readonly (readonly [name: string, value: string])[] | undefined {
	const raw: readonly {readonly name: Argument; readonly value?: Argument}[] =
		args.form === 'pairs' ? args.pairs : args.form === 'old-pair' ? [args] : [];
	const pairs: [string, string][] = [];
	for (const {name, value} of raw) {
		const [key, text] = expandAll([name, value ?? {text: '', span: name.span}], state, context) ?? [];
		if (key === undefined || text === undefined) return undefined;
		pairs.push([key, text]);
	}
	return pairs;
}
