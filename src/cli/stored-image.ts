import {BuildError} from '../diagnostics/build-error.ts';
import type {Outcome} from '../diagnostics/diagnostic.ts';
import {cliNoPlatform} from '../diagnostics/image.ts';
import type {ImageLayer} from '../executor/image-files.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import {type Manifest, parseManifest} from '../oci/manifest.ts';
import {isIndexType} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import {printPlatform, selectPlatform} from '../oci/select-platform.ts';
import type {Store} from '../store/open-store.ts';
import {nativePlatform} from './build-options.ts';
import {findDescriptor} from './find-image.ts';
import {imagesOfIndex, indexEntries} from './index-entries.ts';

/** An image of the store with its documents. */
export interface StoredImage {
	readonly names: readonly string[];
	/** Of the manifest. */
	readonly descriptor: Descriptor;
	readonly manifest: Manifest;
	readonly config: ImageConfig;
}

/**
 * Finds an image as `findDescriptor` does; of an index the image for a platform, this machine's unless another one is given.
 * Throws cli/no-platform when it has none, also when the one image that there is has another platform than the one given.
 */
export function findImage(store: Store, text: string, platform?: Platform): StoredImage {
	const {names, descriptor} = findDescriptor(store, text);
	if (!isIndexType(descriptor.mediaType)) {
		const image = loadImage(store, descriptor, names);
		if (platform !== undefined && selectPlatform([{...descriptor, platform: image.config}], platform) === undefined)
			throw new BuildError(cliNoPlatform(text, printPlatform(platform), [printPlatform(image.config)]));
		return image;
	}
	const wanted = platform ?? nativePlatform();
	const entries = imagesOfIndex(indexEntries(store, descriptor));
	const chosen = selectPlatform(entries, wanted);
	const found = entries.flatMap((entry) => (entry.platform === undefined ? [] : [printPlatform(entry.platform)]));
	if (chosen === undefined) throw new BuildError(cliNoPlatform(text, printPlatform(wanted), found));
	return loadImage(store, chosen, names);
}

/** Reads the documents of a manifest, verified. */
export function loadImage(store: Store, descriptor: Descriptor, names: readonly string[]): StoredImage {
	const manifest = valueOf(parseManifest(store.blobs.read(descriptor), descriptor.mediaType));
	return {names, descriptor, manifest, config: valueOf(parseImageConfig(store.blobs.read(manifest.config)))};
}

/** Its layers, bottom first. */
export function layersOf({manifest, config}: StoredImage): readonly ImageLayer[] {
	return config.rootfs.diff_ids.flatMap((diffId, index) => {
		const blob = manifest.layers[index];
		return blob === undefined ? [] : [{diffId, blob}];
	});
}

/** Bytes of a layer's tar, or of its blob when it was never unpacked. */
export function layerSize(store: Store, {diffId, blob}: ImageLayer): number {
	return store.layers.get(diffId)?.size ?? blob.size;
}

function valueOf<T>(outcome: Outcome<T>): T {
	if (outcome.value === undefined) throw new BuildError(outcome.diagnostics);
	return outcome.value;
}
