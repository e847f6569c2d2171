import {noFrom} from '../diagnostics/stage.ts';
import {instructionNamed} from '../instructions/registry.ts';
import type {Rule} from './rule.ts';

/** Before the first FROM there is only ARG. */
export const beginsWithFrom: Rule = {
	name: 'begins-with-from',
	check: ({instructions, source}) => {
		const first = instructions.findIndex(({keyword}) => keyword === 'FROM');
		const before = first === -1 ? instructions : instructions.slice(0, first);
		const early = before.find(({keyword}) => keyword !== 'ARG' && instructionNamed(keyword) !== undefined);
		if (early !== undefined) return [noFrom({source, span: early.keywordSpan}, early.keyword)];
		const last = instructions.at(-1);
		if (first !== -1 || last === undefined || instructions.some(({keyword}) => instructionNamed(keyword) === undefined)) return [];
		return [noFrom({source, span: {start: last.span.end, end: last.span.end}}, 'the end of the file')];
	},
};
