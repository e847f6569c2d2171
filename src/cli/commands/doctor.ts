import {envNothingWorks} from '../../diagnostics/env.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {type DoctorReport, examine} from '../../executor/doctor.ts';
import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild doctor`: what this machine allows, and what a build will use. */
export const doctorCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.option('--json', 'print JSON')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (flags: {readonly json?: boolean; readonly store?: string}) => {
				const directory = storeDirectory(flags.store, env);
				openStore(directory);
				const report = await examine(directory, env);
				terminal.out(flags.json === true ? `${JSON.stringify(report, undefined, 2)}\n` : print(report));
				if (report.choice === undefined) throw new BuildError(envNothingWorks());
			});
	},
};

function print({findings, choice}: DoctorReport): string {
	const lines = findings.flatMap(({probe, works, facts, instead, remedy}) => [
		`${works ? 'yes' : 'no '}  ${probe}`,
		...facts.map((fact) => `       ${fact}`),
		...(instead === undefined ? [] : [`       instead: ${instead}`]),
		...(remedy === undefined ? [] : [`       remedy: ${remedy}`]),
	]);
	if (choice !== undefined) {
		const {ids, driver, isConfined} = choice;
		lines.push('', `a build here uses ids: ${ids}, driver: ${driver}${isConfined ? '' : ', and has no namespaces for its steps'}`);
	}
	return `${lines.join('\n')}\n`;
}
