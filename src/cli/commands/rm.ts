import {BuildError} from '../../diagnostics/build-error.ts';
import {cliUntaggedImage} from '../../diagnostics/image.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {findDescriptor} from '../find-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface RmFlags {
	readonly force?: boolean;
	readonly store?: string;
}

/** `boxbuild rm`: takes names away; what no name needs any more goes with the next prune. */
export const rmCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('<image...>', 'names, or digests of images all of whose names go')
			.option('-f, --force', 'pass over what the store does not know')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (wanted: readonly string[], flags: RmFlags) => {
				const store = openStore(storeDirectory(flags.store, env));
				// All are looked up first: one mistyped name removes nothing.
				const names = wanted.flatMap((text) => namesOf(store, text, flags.force === true));
				for (const name of new Set(names)) if (await store.images.untag(name)) terminal.out(`${name}\n`);
			});
	},
};

function namesOf(store: Store, text: string, force: boolean): readonly string[] {
	try {
		const {names} = findDescriptor(store, text);
		if (names.length === 0 && !force) throw new BuildError(cliUntaggedImage(text));
		return names;
	} catch (error) {
		if (force && error instanceof BuildError && error.diagnostics[0]?.code === 'cli/no-image') return [];
		throw error;
	}
}
