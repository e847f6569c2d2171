import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** ENV or LABEL in the old form without =. */
export const legacyKeyValue: LintRule = {
	name: 'legacy-key-value',
	buildkit: 'LegacyKeyValueFormat',
	severity: 'warning',
	summary: 'ENV or LABEL in the old form without =',
	check: ({source, instructions}) =>
		instructions.flatMap(({keyword, args}) => {
			if (args.form !== 'old-pair' || args.value === undefined) return [];
			const span = {start: args.name.span.start, end: args.value.span.end};
			return [lint.legacyKeyValue({source, span}, keyword, {name: args.name.text, value: args.value.text})];
		}),
};
