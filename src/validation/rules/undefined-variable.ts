import {suggest} from '../../core/suggest.ts';
import * as lint from '../../diagnostics/lint.ts';
import type {Argument} from '../../language/ast.ts';
import {needsNoDeclaration, visibleVariables, type Visible} from '../known-variables.ts';
import type {LintRule} from '../lint-rule.ts';
import {expandedArguments, unsetVariables} from '../variable-uses.ts';

/** A variable is used that nothing sets. */
export const undefinedVariable: LintRule = {
	name: 'undefined-variable',
	buildkit: 'UndefinedVar',
	severity: 'warning',
	summary: 'a variable is used that nothing sets',
	check: (boxfile, facts) =>
		visibleVariables(facts).flatMap((visible) => {
			const {unknownBase: base} = visible;
			return partsOf(visible).flatMap(({argument, names}) =>
				unsetVariables(argument, names, boxfile)
					.filter(({name}) => !needsNoDeclaration(name))
					.map(({name, span}) => lint.undefinedVariable({source: boxfile.source, span}, name, {suggestion: suggest(name, names), base})),
			);
		}),
};

/** The values of an ARG see the names before them in the same ARG. */
function partsOf({instruction, names}: Visible): readonly {readonly argument: Argument; readonly names: ReadonlySet<string>}[] {
	const {args} = instruction;
	if (instruction.keyword !== 'ARG') return expandedArguments(instruction).map((argument) => ({argument, names}));
	const seen = new Set(names);
	return (args.form === 'pairs' ? args.pairs : []).flatMap(({name, value}) => {
		const before = new Set(seen);
		seen.add(name.text);
		return value === undefined ? [] : [{argument: value, names: before}];
	});
}
