import * as lint from '../../diagnostics/lint.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import type {LintRule} from '../lint-rule.ts';

/** A stage without a name is neither the last one nor used. */
export const unusedStage: LintRule = {
	name: 'unused-stage',
	severity: 'warning',
	summary: 'a stage without a name is neither the last one nor used',
	check: ({source, instructions}, {stages}) => {
		const copied = new Set(instructions.flatMap((instruction) => flagNamed(instruction, 'from')?.value ?? []));
		const mounted = instructions.flatMap(({flags}) => flags.flatMap(({name, value = ''}) => (name === 'mount' ? [value] : [])));
		return stages
			.slice(0, -1)
			.filter(({name}) => name === undefined)
			.filter(({index}) => !copied.has(String(index)) && !mounted.some((value) => value.split(',').includes(`from=${index}`)))
			.map(({from}) => lint.unusedStage({source, span: from.span}));
	},
};
