import * as lint from '../../diagnostics/lint.ts';
import type {Source} from '../../core/source.ts';
import type {Instruction, Pair} from '../../language/ast.ts';
import {isPredefined} from '../../instructions/predefined-args.ts';
import type {LintFacts} from '../lint-facts.ts';
import type {LintRule} from '../lint-rule.ts';

/** Nothing uses an ARG. */
export const unusedArg: LintRule = {
	name: 'unused-arg',
	severity: 'warning',
	summary: 'nothing uses an ARG',
	check: ({source}, facts) => {
		const {globals, stages} = facts;
		const froms = stages.map(({from}) => from);
		const declarations = stages.flatMap(({instructions}) => instructions.filter(({keyword}) => keyword === 'ARG'));
		const unusedGlobals = globals.flatMap((instruction, position) =>
			unused(instruction, [...globals.slice(position + 1), ...froms, ...declarations], source),
		);
		const unusedOfStages = stages.flatMap(({index, instructions}) =>
			instructions.flatMap((instruction, position) => {
				if (instruction.keyword !== 'ARG') return [];
				return unused(instruction, [...instructions.slice(position + 1), ...below(index, facts)], source);
			}),
		);
		return [...unusedGlobals, ...unusedOfStages].map(({name}) => lint.unusedArg({source, span: name.span}, name.text));
	},
};

/** Programs read these from the environment without being told. */
const readByPrograms =
	/^(?:DEBIAN_FRONTEND|TZ|LANG|LC_.*|TERM|CI|(?:NPM_CONFIG|NODE|YARN|PIP|UV|POETRY|PYTHON|GO|CGO|CARGO|RUST|MAVEN|GRADLE|DOTNET|NUGET|COMPOSER|BUNDLE|GEM|CMAKE|CC|CXX|CFLAGS|CXXFLAGS|LDFLAGS|MAKEFLAGS|GIT|HTTP|SSL|AWS).*)$/iv;

function unused({args}: Instruction, later: readonly Instruction[], source: Source): readonly Pair[] {
	const pairs = args.form === 'pairs' ? args.pairs : [];
	const text = later.map((instruction) => textOf(instruction, source)).join('\n');
	return pairs.filter(({name}, position) => {
		if (!/^\w+$/v.test(name.text) || isPredefined(name.text) || readByPrograms.test(name.text)) return false;
		const rest = pairs.slice(position + 1).map(({value}) => value?.text ?? '');
		return !new RegExp(`\\b${name.text}\\b`, 'v').test([text, ...rest].join('\n'));
	});
}

function textOf({span, heredocs}: Instruction, {text}: Source): string {
	return [text.slice(span.start, span.end), ...heredocs.map(({content}) => content)].join('\n');
}

/** Everything in the stages that start from a stage. */
function below(index: number, facts: LintFacts): readonly Instruction[] {
	return facts.stages.filter(({parent}) => parent === index).flatMap((stage) => [...stage.instructions, ...below(stage.index, facts)]);
}
