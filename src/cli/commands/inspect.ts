import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {findImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild inspect`: digests, layers and configuration of an image as JSON. */
export const inspectCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.argument('<image>', 'name or digest')
			.option('--config', 'only the configuration document')
			.option('--store <directory>', 'where images, layers and caches are')
			.action((name: string, flags: {readonly config?: boolean; readonly store?: string}) => {
				const store = openStore(storeDirectory(flags.store, env));
				const {names, descriptor, manifest, config} = findImage(store, name);
				const layers = manifest.layers.map((layer, index) => {
					const diffId = config.rootfs.diff_ids[index];
					const stored = diffId === undefined ? undefined : store.layers.get(diffId);
					return {diffId, ...layer, unpackedSize: stored?.size, directory: stored?.directory};
				});
				const document =
					flags.config === true ? config : {names, digest: descriptor.digest, configDigest: manifest.config.digest, config, layers};
				terminal.out(`${JSON.stringify(document, undefined, 2)}\n`);
			});
	},
};
