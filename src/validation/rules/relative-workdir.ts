import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** A relative WORKDIR stands before any absolute one. */
export const relativeWorkdir: LintRule = {
	name: 'relative-workdir',
	buildkit: 'WorkdirRelativePath',
	severity: 'warning',
	summary: 'a relative WORKDIR stands before any absolute one',
	check: ({source}, {stages}) => {
		const set = new Set<number>();
		return stages.flatMap(({index, parent, instructions}) => {
			if (set.has(parent ?? -1)) set.add(index);
			const first = instructions.find(({keyword}) => keyword === 'WORKDIR');
			if (first === undefined || first.args.form !== 'text' || set.has(index)) return [];
			set.add(index);
			const {text, span} = first.args.text;
			return /^["']?[\/$]/v.test(text) ? [] : [lint.relativeWorkdir({source, span}, text)];
		});
	},
};
