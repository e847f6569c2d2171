import {parseArtifact} from '../oci/artifact.ts';
import {documentLimit} from '../oci/bounded-json.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {parseIndex} from '../oci/index-document.ts';
import {parseManifest} from '../oci/manifest.ts';
import {isIndexType} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import type {Store} from './open-store.ts';

/** Digests of everything that the named images need: manifests, configurations, layers by blob and by diffID. Damaged images need what can be read. */
export function reachableFromNames(store: Store): ReadonlySet<string> {
	const found = new Set<string>();
	for (const {manifest} of store.images.list()) follow(store, manifest, found, 0);
	return found;
}

function follow(store: Store, descriptor: Descriptor, found: Set<string>, depth: number): void {
	if (found.has(descriptor.digest) || depth > 4) return;
	found.add(descriptor.digest);
	const bytes = read(store, descriptor);
	if (bytes === undefined) return;
	if (isIndexType(descriptor.mediaType)) {
		for (const entry of parseIndex(bytes).value?.manifests ?? []) follow(store, entry, found, depth + 1);
		return;
	}
	const manifest = parseManifest(bytes).value;
	if (manifest === undefined) {
		// What an index tells of its images, such as where they come from, is no image itself.
		const artifact = parseArtifact(bytes).value;
		for (const {digest} of artifact === undefined ? [] : [artifact.config, ...artifact.blobs]) found.add(digest);
		return;
	}
	found.add(manifest.config.digest);
	for (const layer of manifest.layers) found.add(layer.digest);
	const config = read(store, manifest.config);
	for (const diffId of (config === undefined ? undefined : parseImageConfig(config).value)?.rootfs.diff_ids ?? []) found.add(diffId);
}

function read(store: Store, descriptor: Descriptor): Buffer | undefined {
	if (descriptor.size > documentLimit) return undefined;
	try {
		return store.blobs.read(descriptor);
	} catch {
		return undefined;
	}
}
