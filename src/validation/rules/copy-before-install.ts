import * as lint from '../../diagnostics/lint.ts';
import {argumentList} from '../../instructions/check-arguments.ts';
import {flagNamed} from '../../instructions/check-flags.ts';
import type {LintRule} from '../lint-rule.ts';
import {shellCommands} from '../shell-commands.ts';

/** COPY of everything before the dependencies are installed. */
export const copyBeforeInstall: LintRule = {
	name: 'copy-before-install',
	severity: 'warning',
	summary: 'COPY of everything before the dependencies are installed',
	check: (boxfile, {stages}) => {
		const {source} = boxfile;
		return stages.flatMap(({instructions}) =>
			instructions.flatMap((instruction, position) => {
				if (instruction.keyword !== 'COPY' || flagNamed(instruction, 'from') !== undefined) return [];
				const everything = argumentList(instruction.args)
					.slice(0, -1)
					.find(({text}) => text === '.' || text === './');
				if (everything === undefined) return [];
				const later = instructions.slice(position + 1).filter(({keyword}) => keyword === 'RUN');
				const install = later.flatMap((run) => shellCommands(run, boxfile)).find(({words}) => installs.test(words.join(' ')));
				return install === undefined ? [] : [lint.copyBeforeInstall({source, span: everything.span}, {source, span: install.span})];
			}),
		);
	},
};

/** Commands that need no more than a list of dependencies. */
const installs =
	/^(?:npm (?:ci|install|i)(?= |$)(?!.* (?:-g|--global)(?: |$))|pnpm (?:install|i|fetch)(?= |$)|yarn(?: install.*)?$|bun install|pip3? install (?:.* )?(?:-r|--requirement)|go mod download|bundle install|composer install|cargo fetch|poetry install|uv sync|dotnet restore|mvn .*dependency:)/v;
