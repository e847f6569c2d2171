import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** FROM and AS differ in letter case. */
export const fromAsCasing: LintRule = {
	name: 'from-as-casing',
	buildkit: 'FromAsCasing',
	severity: 'warning',
	summary: 'FROM and AS differ in letter case',
	check: ({source}, {stages}) =>
		stages.flatMap(({from, as}) => {
			if (as === undefined || as.text.toLowerCase() !== 'as') return [];
			const keyword = source.text.slice(from.keywordSpan.start, from.keywordSpan.end);
			const fits =
				keyword === keyword.toLowerCase()
					? as.text === as.text.toLowerCase()
					: keyword !== keyword.toUpperCase() || as.text === as.text.toUpperCase();
			return fits ? [] : [lint.fromAsCasing({source, span: as.span}, {from: keyword, as: as.text})];
		}),
};
