import {openStore} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {formatBytes} from '../../core/format-bytes.ts';
import {formatTable} from '../format-table.ts';
import {loadImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

/** `boxbuild images`: the names in the store. */
export const imagesCommand: CommandModule = {
	define(command, {terminal, env}) {
		command
			.option('--json', 'print JSON')
			.option('--store <directory>', 'where images, layers and caches are')
			.action((flags: {readonly json?: boolean; readonly store?: string}) => {
				const store = openStore(storeDirectory(flags.store, env));
				const images = store.images.list().map(({name, manifest: descriptor}) => {
					const {manifest, config} = loadImage(store, descriptor, [name]);
					const size = manifest.layers.reduce((sum, layer, index) => sum + (unpackedSize(index) ?? layer.size), 0);
					function unpackedSize(index: number): number | undefined {
						const diffId = config.rootfs.diff_ids[index];
						return diffId === undefined ? undefined : store.layers.get(diffId)?.size;
					}
					return {name, digest: descriptor.digest, platform: `${config.os}/${config.architecture}`, layers: manifest.layers.length, size};
				});
				if (flags.json === true) terminal.out(`${JSON.stringify(images, undefined, 2)}\n`);
				else {
					const rows = images.map(({name, digest, platform, layers, size}) => [
						name,
						digest.slice(0, 19),
						platform,
						String(layers),
						formatBytes(size),
					]);
					terminal.out(formatTable(['NAME', 'DIGEST', 'PLATFORM', 'LAYERS', 'SIZE'], rows));
				}
			});
	},
};
