import {badValue} from '../diagnostics/instruction.ts';
import {argumentList, checkArity} from './check-arguments.ts';
import {expandAll} from './expand-argument.ts';
import type {InstructionDefinition} from './instruction.ts';
import {configChange} from './lowering.ts';

export const volume: InstructionDefinition = {
	keyword: 'VOLUME',
	shape: 'json-or-words',
	heredocs: false,
	summary: 'marks paths that containers keep outside the image',
	flags: [],
	check: (instruction, source) => checkArity(instruction, source, {least: 1, expected: 'a path'}),
	lower: ({args}, state, context) => {
		const items = argumentList(args);
		const paths = expandAll(items, state, context)?.map((path) => path.trim());
		if (paths === undefined) return undefined;
		const empty = items[paths.indexOf('')];
		if (empty !== undefined) {
			context.report(badValue({source: context.source, span: empty.span}, {message: 'the path of a volume is empty'}));
			return undefined;
		}
		const Volumes = {...state.config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}]))};
		return configChange(state, {Volumes}, `VOLUME [${paths.join(' ')}]`);
	},
};
