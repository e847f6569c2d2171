import type {Source} from '../../core/source.ts';
import * as lint from '../../diagnostics/lint.ts';
import {declaredNames} from '../known-variables.ts';
import type {LintRule} from '../lint-rule.ts';

/** The comment above an ARG or a stage is no description of it. */
export const definitionDescription: LintRule = {
	name: 'definition-description',
	buildkit: 'InvalidDefinitionDescription',
	severity: 'warning',
	summary: 'the comment above an ARG or a stage is no description of it',
	experimental: true,
	check: ({source, directives}, {globals, stages}) => {
		const afterDirectives = Math.max(0, ...directives.map(({span}) => span.end));
		const named = stages.flatMap(({from, name}) => (name === undefined ? [] : [{instruction: from, names: [name.text]}]));
		const args = [...globals, ...stages.flatMap(({instructions}) => instructions)].filter(({keyword}) => keyword === 'ARG');
		const all = [...named, ...args.map((instruction) => ({instruction, names: declaredNames(instruction)}))];
		return all.flatMap(({instruction, names}) => {
			const comment = commentAbove(source, instruction.span.start);
			const [first] = names;
			if (comment === undefined || first === undefined || comment.start < afterDirectives) return [];
			const text = source.text.slice(comment.start, comment.end).replace(/^#\s*/v, '');
			const [word = ''] = text.split(/\s/v);
			return word === '' || names.includes(word) ? [] : [lint.definitionDescription({source, span: comment}, first)];
		});
	},
};

function commentAbove({text}: Source, offset: number): {readonly start: number; readonly end: number} | undefined {
	const end = text.lastIndexOf('\n', offset - 1);
	if (end <= 0) return undefined;
	const begin = text.lastIndexOf('\n', end - 1) + 1;
	const line = text.slice(begin, end);
	if (!line.trimStart().startsWith('#')) return undefined;
	return {start: begin + line.indexOf('#'), end: begin + line.trimEnd().length};
}
