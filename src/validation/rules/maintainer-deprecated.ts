import type {LintRule} from '../lint-rule.ts';

/** MAINTAINER is deprecated. */
export const maintainerDeprecated: LintRule = {
	name: 'maintainer-deprecated',
	buildkit: 'MaintainerDeprecated',
	severity: 'warning',
	summary: 'MAINTAINER is deprecated',
	reportedAs: 'instruction/deprecated',
	check: () => [],
};
