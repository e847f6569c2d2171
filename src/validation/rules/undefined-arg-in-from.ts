import {suggest} from '../../core/suggest.ts';
import * as lint from '../../diagnostics/lint.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import {declaredNames} from '../known-variables.ts';
import {platformArgs} from '../../instructions/predefined-args.ts';
import type {LintRule} from '../lint-rule.ts';
import {unsetVariables} from '../variable-uses.ts';

/** FROM uses an ARG that is not declared before it. */
export const undefinedArgInFrom: LintRule = {
	name: 'undefined-arg-in-from',
	buildkit: 'UndefinedArgInFrom',
	severity: 'warning',
	summary: 'FROM uses an ARG that is not declared before it',
	check: (boxfile, {globals, stages}) => {
		const known = new Set([...platformNames, ...globals.flatMap(declaredNames)]);
		return stages.flatMap(({from, base}) => {
			const platform = flagNamed(from, 'platform');
			const parts = [
				...(base === undefined ? [] : [base]),
				...(platform === undefined ? [] : [{text: platform.value ?? '', span: platform.valueSpan}]),
			];
			return parts
				.flatMap((part) => unsetVariables(part, known, boxfile))
				.map(({name, span}) => lint.undefinedArgInFrom({source: boxfile.source, span}, name, suggest(name, known)));
		});
	},
};

const platformNames = [...platformArgs({os: 'linux', architecture: 'amd64'}, '').keys()];
