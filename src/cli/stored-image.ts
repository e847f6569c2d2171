import {statSync} from 'node:fs';
import {parseDigest} from '../core/digest.ts';
import {suggest} from '../core/suggest.ts';
import {cliNoImage} from '../diagnostics/cli.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {type Manifest, parseManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import {parseReference} from '../oci/reference.ts';
import type {Store} from '../store/open-store.ts';

/** An image of the store with its documents. */
export interface StoredImage {
	readonly names: readonly string[];
	readonly descriptor: Descriptor;
	readonly manifest: Manifest;
	readonly config: ImageConfig;
}

/** Finds an image by name (completed as Docker does) or by a digest of at least six digits; throws cli/no-image. */
export function findImage(store: Store, name: string): StoredImage {
	const images = store.images.list();
	const wanted = parseReference(name).value?.name;
	const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/v.exec(name)?.[1];
	const found =
		images.find((image) => image.name === wanted) ??
		images.find((image) => hex !== undefined && image.manifest.digest.startsWith(`sha256:${hex}`));
	const descriptor = found?.manifest ?? untagged(store, hex);
	if (descriptor === undefined)
		throw new BuildError(
			cliNoImage(
				name,
				suggest(
					wanted ?? name,
					images.map((image) => image.name),
				),
			),
		);
	return loadImage(
		store,
		descriptor,
		images.filter((image) => image.manifest.digest === descriptor.digest).map((image) => image.name),
	);
}

/** Reads the documents of a manifest, verified. */
export function loadImage(store: Store, descriptor: Descriptor, names: readonly string[]): StoredImage {
	const manifest = parseManifest(store.blobs.read(descriptor), descriptor.mediaType);
	if (manifest.value === undefined) throw new BuildError(manifest.diagnostics);
	const config = parseImageConfig(store.blobs.read(manifest.value.config));
	if (config.value === undefined) throw new BuildError(config.diagnostics);
	return {names, descriptor, manifest: manifest.value, config: config.value};
}

/** A build without a tag leaves its manifest in the store: its whole digest finds it. */
function untagged(store: Store, hex: string | undefined): Descriptor | undefined {
	const digest = parseDigest(`sha256:${hex ?? ''}`);
	const size = digest === undefined ? undefined : statSync(store.blobs.path(digest), {throwIfNoEntry: false})?.size;
	return digest === undefined || size === undefined ? undefined : {mediaType: mediaTypes.manifest, digest, size};
}
