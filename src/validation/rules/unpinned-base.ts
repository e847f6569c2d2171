import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';
import {parseBaseReference} from '../../plan/base-reference.ts';

/** A base image has no tag, or the tag latest. */
export const unpinnedBase: LintRule = {
	name: 'unpinned-base',
	severity: 'warning',
	summary: 'a base image has no tag, or the tag latest',
	check: ({source}, {stages}) =>
		stages.flatMap(({base, parent}) => {
			if (base === undefined || parent !== undefined || base.text.includes('$')) return [];
			if (parseBaseReference(base.text).kind !== 'name' || base.text.includes('@')) return [];
			const tag = /:([^:\/]+)$/v.exec(base.text)?.[1];
			return tag === undefined || tag === 'latest' ? [lint.unpinnedBase({source, span: base.span}, base.text)] : [];
		}),
};
