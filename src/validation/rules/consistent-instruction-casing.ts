import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';

/** Keywords differ in letter case. */
export const consistentInstructionCasing: LintRule = {
	name: 'consistent-instruction-casing',
	buildkit: 'ConsistentInstructionCasing',
	severity: 'warning',
	summary: 'keywords differ in letter case',
	check: ({source, instructions}) => {
		const keywords = instructions.map(({keywordSpan: span}) => ({span, text: source.text.slice(span.start, span.end)}));
		const lower = keywords.filter(({text}) => text === text.toLowerCase()).length;
		const upper = keywords.filter(({text}) => text === text.toUpperCase()).length;
		return keywords
			.filter(({text}) => text !== (lower > upper ? text.toLowerCase() : text.toUpperCase()))
			.map(({span, text}) => lint.instructionCasing({source, span}, text, {lower, upper}));
	},
};
