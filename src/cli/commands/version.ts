import {programVersion} from '../../core/program-version.ts';
import type {CommandModule} from '../command.ts';

/** `boxbuild version`. */
export const versionCommand: CommandModule = {
	define(command, {terminal}) {
		command.action(() => terminal.out(`boxbuild ${programVersion} (node ${process.version}, ${process.platform}/${process.arch})\n`));
	},
};
