import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** A stage name has upper-case letters. */
export const stageNameCasing: LintRule = {
	name: 'stage-name-casing',
	buildkit: 'StageNameCasing',
	severity: 'warning',
	summary: 'a stage name has upper-case letters',
	check: ({source}, {stages}) =>
		stages.flatMap(({name}) =>
			name === undefined || name.text === name.text.toLowerCase() ? [] : [lint.stageNameCasing({source, span: name.span}, name.text)],
		),
};
