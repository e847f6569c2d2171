import {BuildError} from '../../diagnostics/build-error.ts';
import {cliUsage} from '../../diagnostics/cli.ts';
import {isIndexType} from '../../oci/media-types.ts';
import {openStore, type Store} from '../../store/open-store.ts';
import type {CommandModule} from '../command.ts';
import {findDescriptor, type Found} from '../find-image.ts';
import {addImageOptions, type ImageFlags, imagePlatform} from '../image-options.ts';
import {indexEntries} from '../index-entries.ts';
import {findImage, layersOf, type StoredImage} from '../stored-image.ts';
import {storeDirectory} from '../store-directory.ts';

interface InspectFlags extends ImageFlags {
	readonly config?: boolean;
	readonly raw?: boolean;
}

/** `boxbuild inspect`: digests, layers and configuration of an image as JSON, or what an index lists. */
export const inspectCommand: CommandModule = {
	define(command, {terminal, env}) {
		addImageOptions(
			command
				.argument('<image>', 'name or digest')
				.option('--config', 'only the configuration document')
				.option('--raw', 'the bytes of the manifest or index as they are'),
		).action((name: string, flags: InspectFlags) => {
			if (flags.config === true && flags.raw === true)
				throw new BuildError(cliUsage('`--config` and `--raw` ask for different documents', 'give one of them'));
			const store = openStore(storeDirectory(flags.store, env));
			const platform = imagePlatform(flags.platform);
			const found = findDescriptor(store, name);
			const showsIndex = isIndexType(found.descriptor.mediaType) && platform === undefined && flags.config !== true;
			if (flags.raw === true) {
				const {descriptor} = platform === undefined ? found : findImage(store, name, platform);
				terminal.out(store.blobs.read(descriptor).toString());
				return;
			}
			const image = showsIndex ? undefined : findImage(store, name, platform);
			const document =
				image === undefined ? indexDocument(store, found) : flags.config === true ? image.config : imageDocument(store, image);
			terminal.out(`${JSON.stringify(document, undefined, 2)}\n`);
		});
	},
};

/** `present` tells whether the store has the entry's document: an index may list images that were never fetched. */
function indexDocument(store: Store, {names, descriptor}: Found): object {
	const manifests = indexEntries(store, descriptor).map((entry) => ({...entry, present: store.blobs.has(entry)}));
	return {names, digest: descriptor.digest, mediaType: descriptor.mediaType, manifests};
}

function imageDocument(store: Store, image: StoredImage): object {
	const {names, descriptor, manifest, config} = image;
	const layers = layersOf(image).map(({diffId, blob}) => {
		const stored = store.layers.get(diffId);
		return {diffId, ...blob, unpackedSize: stored?.size, directory: stored?.directory};
	});
	return {names, digest: descriptor.digest, mediaType: manifest.mediaType, configDigest: manifest.config.digest, config, layers};
}
