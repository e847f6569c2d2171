import type {LintRule} from '../lint-rule.ts';

/** An empty line stands inside an instruction. */
export const noEmptyContinuation: LintRule = {
	name: 'no-empty-continuation',
	buildkit: 'NoEmptyContinuation',
	severity: 'warning',
	summary: 'an empty line stands inside an instruction',
	reportedAs: 'syntax/blank-continuation',
	check: () => [],
};
