import * as lint from '../../diagnostics/lint.ts';
import {platformArgs} from '../../instructions/predefined-args.ts';
import type {Escape} from '../../../grammar/keyword-table.ts';
import type {Instruction} from '../../language/ast.ts';
import {expand} from '../../language/expand.ts';
import {declaredNames} from '../known-variables.ts';
import type {LintRule} from '../lint-rule.ts';
import {parseBaseReference} from '../../plan/base-reference.ts';

/** FROM names no base with the default values of its ARGs. */
export const invalidDefaultInFrom: LintRule = {
	name: 'invalid-default-in-from',
	buildkit: 'InvalidDefaultArgInFrom',
	severity: 'warning',
	summary: 'FROM names no base with the default values of its ARGs',
	check: ({source, escape}, {globals, stages}) => {
		const defaults = defaultValues(globals, escape);
		const declared = new Set([...defaults.keys(), ...globals.flatMap(declaredNames)]);
		return stages.flatMap(({base}) => {
			if (base === undefined || !base.text.includes('$')) return [];
			const expansion = expand(base.text, {lookup: (name) => defaults.get(name) ?? (declared.has(name) ? '' : undefined), escape});
			// An ARG that is not declared is another rule's finding.
			if (!expansion.ok || expansion.unset.length > 0) return [];
			const isBase = expansion.value !== '' && parseBaseReference(expansion.value).kind !== 'bad';
			return isBase ? [] : [lint.invalidDefaultInFrom({source, span: base.span}, expansion.value)];
		});
	},
};

function defaultValues(globals: readonly Instruction[], escape: Escape): ReadonlyMap<string, string> {
	const values = new Map(platformArgs({os: 'linux', architecture: 'amd64'}, 'default'));
	for (const {args} of globals) {
		for (const {name, value} of args.form === 'pairs' ? args.pairs : []) {
			const expansion = value === undefined ? undefined : expand(value.text, {lookup: (other) => values.get(other), escape});
			if (expansion?.ok === true) values.set(name.text, expansion.value);
		}
	}
	return values;
}
