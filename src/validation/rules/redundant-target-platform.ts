import * as lint from '../../diagnostics/lint.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import type {LintRule} from '../lint-rule.ts';

/** FROM says the platform that it has anyway. */
export const redundantTargetPlatform: LintRule = {
	name: 'redundant-target-platform',
	buildkit: 'RedundantTargetPlatform',
	severity: 'warning',
	summary: 'FROM says the platform that it has anyway',
	check: ({source}, {stages}) =>
		stages.flatMap(({from}) => {
			const flag = flagNamed(from, 'platform');
			const isRedundant = flag?.value === '$TARGETPLATFORM' || flag?.value === '${TARGETPLATFORM}';
			return flag === undefined || !isRedundant ? [] : [lint.redundantTargetPlatform({source, span: flag.valueSpan})];
		}),
};
