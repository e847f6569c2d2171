import * as lint from '../../diagnostics/lint.ts';
import {argumentList} from '../../instructions/check-arguments.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import type {LintRule} from '../lint-rule.ts';

/** COPY or ADD of a file that the ignore file leaves out. */
export const copyIgnoredFile: LintRule = {
	name: 'copy-ignored-file',
	buildkit: 'CopyIgnoredFile',
	severity: 'warning',
	summary: 'COPY or ADD of a file that the ignore file leaves out',
	check: ({source, instructions}, {ignoredBy}) =>
		instructions.flatMap((instruction) => {
			const {keyword, args} = instruction;
			if (ignoredBy === undefined || (keyword !== 'COPY' && keyword !== 'ADD')) return [];
			if (flagNamed(instruction, 'from') !== undefined) return [];
			return argumentList(args)
				.slice(0, -1)
				.filter(({text}) => !/[$*?\[<\\]|:\/\//v.test(text))
				.flatMap(({text, span}) => {
					const path = text.replace(/^(?:\.?\/)+/v, '').replace(/\/+$/v, '');
					const by = path === '' || path === '.' ? undefined : ignoredBy(path);
					return by === undefined ? [] : [lint.copyIgnoredFile({source, span}, path, by)];
				});
		}),
};
