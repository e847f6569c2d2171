import {envNothingWorks} from '../../diagnostics/env.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {examine} from '../../executor/doctor.ts';
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
				if (flags.json === true) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`);
				else {
					for (const {probe, works, facts} of report.findings) {
						terminal.out(`${works ? 'yes' : 'no '}  ${probe}\n${facts.map((fact) => `       ${fact}\n`).join('')}`);
					}
					if (report.ids !== undefined) terminal.out(`\na build here uses ids: ${report.ids}, driver: ${report.driver}\n`);
				}
				if (report.ids === undefined) throw new BuildError(envNothingWorks());
			});
	},
};
