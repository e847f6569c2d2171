import {readFileSync} from 'node:fs';
import type {CommandModule} from '../command.ts';

/** `boxbuild version`. */
export const versionCommand: CommandModule = {
	define(command, {terminal}) {
		command.action(() => {
			const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {readonly version: string};
			terminal.out(`boxbuild ${manifest.version} (node ${process.version}, ${process.platform}/${process.arch})\n`);
		});
	},
};
