import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** A stage has two CMD, ENTRYPOINT or HEALTHCHECK. */
export const repeatedInstruction: LintRule = {
	name: 'repeated-instruction',
	buildkit: 'MultipleInstructionsDisallowed',
	severity: 'warning',
	summary: 'a stage has two CMD, ENTRYPOINT or HEALTHCHECK',
	check: ({source}, {stages}) =>
		stages.flatMap(({instructions}) =>
			['CMD', 'ENTRYPOINT', 'HEALTHCHECK'].flatMap((name) => {
				const all = instructions.filter(({keyword}) => keyword === name);
				const last = all.at(-1);
				if (last === undefined) return [];
				return all
					.slice(0, -1)
					.map(({keywordSpan: span}) => lint.repeatedInstruction({source, span}, name, {source, span: last.keywordSpan}));
			}),
		),
};
