import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {findImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild rm`: takes names away; what no name needs any more goes with the next prune. */
export const rmCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('<image...>', 'names or digests')
			.option('--store <directory>', 'where images, layers and caches are')
			.action(async (wanted: readonly string[], flags: {readonly store?: string}) => {
				const store = openStore(storeDirectory(flags.store, env));
				// All are looked up first: one mistyped name removes nothing.
				const names = wanted.flatMap((text) => {
					const image = findImage(store, text);
					const isDigest = /^(?:sha256:)?[0-9a-f]{6,64}$/v.test(text);
					return isDigest ? image.names : image.names.filter((name) => name.endsWith(text) || name.endsWith(`${text}:latest`));
				});
				for (const name of new Set(names)) if (await store.images.untag(name)) terminal.out(`${name}\n`);
			});
	},
};
