import * as lint from '../../diagnostics/lint.ts';
import type {LintFacts} from '../lint-facts.ts';
import type {LintRule} from '../lint-rule.ts';
import {shellCommands, type ShellCommand} from '../shell-commands.ts';

/** A package manager leaves its downloads in the image. */
export const packageCache: LintRule = {
	name: 'package-cache',
	severity: 'warning',
	summary: 'a package manager leaves its downloads in the image',
	check: (boxfile, facts) => {
		const shipped = shippedStages(facts);
		const runs = facts.stages.filter(({index}) => shipped.has(index)).flatMap(({instructions}) => instructions);
		return runs.flatMap((instruction) => {
			if (instruction.keyword !== 'RUN') return [];
			const commands = shellCommands(instruction, boxfile);
			return managers.flatMap(({name, installs, cleans, directory, remedy}) => {
				const install = commands.find(installs);
				const isClean = commands.some(cleans) || instruction.flags.some(({value = ''}) => value.includes(directory));
				return install === undefined || isClean ? [] : [lint.packageCache({source: boxfile.source, span: install.span}, name, remedy)];
			});
		});
	},
};

interface Manager {
	readonly name: string;
	readonly installs: (command: ShellCommand) => boolean;
	readonly cleans: (command: ShellCommand) => boolean;
	/** Where it keeps them: a mount there keeps them out of the layer. */
	readonly directory: string;
	readonly remedy: string;
}

const managers: readonly Manager[] = [
	{
		name: 'apt-get',
		installs: (command) => calls(command, ['apt-get', 'apt'], ['install']),
		cleans: (command) => removes(command, '/var/lib/apt'),
		directory: '/var/lib/apt',
		remedy: 'add `&& rm -rf /var/lib/apt/lists/*` to the step',
	},
	{
		name: 'apk',
		installs: (command) => calls(command, ['apk'], ['add']) && !command.words.includes('--no-cache'),
		cleans: (command) => removes(command, '/var/cache/apk'),
		directory: '/var/cache/apk',
		remedy: 'write `apk add --no-cache ...`',
	},
	{
		name: 'dnf',
		installs: (command) => calls(command, ['dnf', 'yum', 'microdnf'], ['install']),
		cleans: (command) => calls(command, ['dnf', 'yum', 'microdnf'], ['clean']) || removes(command, '/var/cache/'),
		directory: '/var/cache',
		remedy: 'add `&& dnf clean all` to the step',
	},
	{
		name: 'pip',
		installs: (command) => calls(command, ['pip', 'pip3'], ['install']) && !command.words.includes('--no-cache-dir'),
		cleans: (command) => removes(command, '.cache') || calls(command, ['pip', 'pip3'], ['cache']),
		directory: '.cache',
		remedy: 'write `pip install --no-cache-dir ...`',
	},
];

function calls({words: [program = '', ...rest]}: ShellCommand, programs: readonly string[], actions: readonly string[]): boolean {
	return programs.includes(program) && actions.includes(rest.find((word) => !word.startsWith('-')) ?? '');
}

function removes({words: [program = '', ...rest]}: ShellCommand, directory: string): boolean {
	return program === 'rm' && rest.some((word) => word.includes(directory));
}

/** The last stage and those it starts from: the others leave nothing in the image but what COPY takes. */
function shippedStages({stages}: LintFacts): ReadonlySet<number> {
	const shipped = new Set<number>();
	for (let stage = stages.at(-1); stage !== undefined; stage = stage.parent === undefined ? undefined : stages[stage.parent])
		shipped.add(stage.index);
	return shipped;
}
