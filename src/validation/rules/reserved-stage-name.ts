import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** A stage is named by a reserved word. */
export const reservedStageName: LintRule = {
	name: 'reserved-stage-name',
	buildkit: 'ReservedStageName',
	severity: 'warning',
	summary: 'a stage is named by a reserved word',
	reportedAs: 'stage/shadowed-name',
	check: ({source}, {stages}) =>
		stages.flatMap(({name}) =>
			name?.text.toLowerCase() === 'context' ? [lint.reservedStageName({source, span: name.span}, name.text)] : [],
		),
};
