import * as lint from '../../diagnostics/lint.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import type {LintRule} from '../lint-rule.ts';
import {parsePlatform} from '../../plan/platform.ts';

/** FROM has a platform that is the same in every build. */
export const constantPlatform: LintRule = {
	name: 'constant-platform',
	buildkit: 'FromPlatformFlagConstDisallowed',
	severity: 'warning',
	summary: 'FROM has a platform that is the same in every build',
	check: ({source}, {stages}) =>
		stages.flatMap(({from, name}) => {
			const flag = flagNamed(from, 'platform');
			if (flag?.value === undefined || flag.value === '' || flag.value.includes('$')) return [];
			const platform = parsePlatform(flag.value);
			// A stage that is named after its platform is meant to have it.
			const words = platform === undefined ? [] : [platform.os, platform.architecture];
			if (words.some((word) => name?.text.toLowerCase().includes(word))) return [];
			return [lint.constantPlatform({source, span: flag.valueSpan}, flag.value)];
		}),
};
