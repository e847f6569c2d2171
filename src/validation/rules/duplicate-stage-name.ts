import type {LintRule} from '../lint-rule.ts';

/** Two stages have the same name. */
export const duplicateStageName: LintRule = {
	name: 'duplicate-stage-name',
	buildkit: 'DuplicateStageName',
	severity: 'warning',
	summary: 'two stages have the same name',
	reportedAs: 'stage/duplicate-name',
	check: () => [],
};
