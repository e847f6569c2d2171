import {badValue} from '../diagnostics/instruction.ts';
import {checkArity} from './check-arguments.ts';
import {expandArgument} from './expand-argument.ts';
import type {InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

export const user: InstructionDefinition = {
	keyword: 'USER',
	shape: 'text',
	heredocs: false,
	summary: 'sets the user, and the group, of the following RUNs and of the image',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: 1, expected: 'a user'}),
	lower: ({args}, state, context) => {
		if (args.form !== 'text') return undefined;
		const text = expandArgument(args.text, state, context);
		if (text === undefined) return undefined;
		const problem = userProblem(text);
		if (problem === undefined) {
			const {User: _, ...config} = state.config;
			return configChange({...state, config}, text === '' ? {} : {User: text}, `USER ${text}`);
		}
		context.report(badValue({source: context.source, span: args.text.span}, {message: `\`${text}\` is no user`, because: problem}));
		return undefined;
	},
};

/** Why `[USER][:[GROUP]]` cannot be; no user is root, no group the user's own; numbers go up to 2^32 - 2 (the last one means "no id" to the kernel). */
export function userProblem(text: string): string | undefined {
	const parts = text.split(':');
	if (parts.length > 2) return 'the form is `USER[:GROUP]`';
	if (/[\s\/\0]/v.test(text)) return 'names have no white space and no `/`';
	const tooBig = parts.find((part) => /^\d+$/v.test(part) && Number(part) > 4294967294);
	return tooBig === undefined ? undefined : `\`${tooBig}\` is greater than 4294967294`;
}
