import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';
import {shellCommands} from '../shell-commands.ts';

/** Cd at the end of a RUN has no effect. */
export const loneCd: LintRule = {
	name: 'lone-cd',
	severity: 'warning',
	summary: 'cd at the end of a RUN has no effect',
	check: (boxfile) =>
		boxfile.instructions
			.filter(({keyword}) => keyword === 'RUN')
			.flatMap((instruction) => shellCommands(instruction, boxfile))
			.filter(({words, followed}) => words[0] === 'cd' && !followed)
			.map(({span}) => lint.loneCd({source: boxfile.source, span})),
};
