import {badVariableName} from '../diagnostics/variable.ts';
import {missingArgument} from '../diagnostics/instruction.ts';
import {expandArgument} from './expand-argument.ts';
import type {InstructionDefinition, LowerContext, StageState} from './instruction.ts';
import type {Pair} from '../language/ast.ts';

export const arg: InstructionDefinition = {
	keyword: 'ARG',
	shape: 'names',
	heredocs: false,
	summary: 'declares a build argument, with or without a default value',
	flags: [],
	check: ({keyword, keywordSpan, args}, source) => {
		if (args.form !== 'pairs') return [missingArgument({source, span: keywordSpan}, keyword, 'a name')];
		return args.pairs
			.filter(({name}) => name.text === '')
			.map(({name, value}) => badVariableName({source, span: value?.span ?? name.span}, keyword));
	},
	lower: ({args}, state, context) => {
		const pairs = args.form === 'pairs' ? args.pairs : [];
		let next = state;
		const texts: string[] = [];
		for (const pair of pairs) {
			const declared = declare(pair, next, context);
			if (declared === undefined) return undefined;
			const [name, value] = declared;
			texts.push(value === undefined ? name : `${name}=${value}`);
			next = {...next, args: [...next.args, [name, value]]};
		}
		return {state: next, op: {kind: 'config'}, createdBy: `ARG ${texts.join(' ')}`};
	},
};

/** Name and value: the command line's, else the default, else that of the same ARG before the first FROM. */
function declare(
	{name, value}: Pair,
	state: StageState,
	context: LowerContext,
): readonly [name: string, value: string | undefined] | undefined {
	const key = expandArgument(name, state, context);
	if (key === undefined) return undefined;
	const given = ownValue(context.buildArgs, key);
	if (given !== undefined) return [key, given];
	if (value === undefined) return [key, context.globalArgs.get(key)];
	const text = expandArgument(value, state, context);
	return text === undefined ? undefined : [key, text];
}

/** A build argument of the command line; a name such as `constructor` is none by itself. */
export function ownValue(buildArgs: Readonly<Record<string, string>>, name: string): string | undefined {
	return Object.hasOwn(buildArgs, name) ? buildArgs[name] : undefined;
}
