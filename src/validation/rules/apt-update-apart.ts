import * as lint from '../../diagnostics/lint.ts';
import type {LintRule} from '../lint-rule.ts';
import {shellCommands, type ShellCommand} from '../shell-commands.ts';

/** Apt-get install without update in the same step. */
export const aptUpdateApart: LintRule = {
	name: 'apt-update-apart',
	severity: 'warning',
	summary: 'apt-get install without update in the same step',
	check: (boxfile) =>
		boxfile.instructions.flatMap((instruction) => {
			if (instruction.keyword !== 'RUN' || /--mount=\S*\/var\/(?:lib|cache)\/apt/v.test(instruction.text)) return [];
			const commands = shellCommands(instruction, boxfile);
			const install = commands.findIndex((command) => isApt(command, 'install'));
			const found = commands[install];
			if (found === undefined || commands.slice(0, install).some((command) => isApt(command, 'update'))) return [];
			// A package file needs no lists.
			if (found.words.some((word) => word.endsWith('.deb'))) return [];
			return [lint.aptUpdateApart({source: boxfile.source, span: found.span})];
		}),
};

function isApt({words: [program = '', ...rest]}: ShellCommand, action: string): boolean {
	return (program === 'apt-get' || program === 'apt') && rest.find((word) => !word.startsWith('-')) === action;
}
