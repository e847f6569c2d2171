import type {DiffId} from '../core/digest.ts';
import {baseAmbiguous, baseDamaged, baseMalformed, baseNoPlatform, baseNoTag} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {documentLimit} from '../oci/bounded-json.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import type {Platform} from '../oci/image-config.ts';
import {type ImageIndex, parseIndex} from '../oci/index-document.ts';
import {type Manifest, parseManifest} from '../oci/manifest.ts';
import {compressionOf, isIndexType} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import {parseReference} from '../oci/reference.ts';
import {printPlatform, selectPlatform} from '../oci/select-platform.ts';
import type {Store} from '../store/open-store.ts';
import {valueOf} from './base-error.ts';
import type {ResolvedBase, ResolvedLayer} from './source.ts';

export interface ImageLookup {
	readonly store: Store;
	readonly platform: Platform;
	/** The base as people wrote it. */
	readonly name: string;
	/** Brings a document (a manifest or index, or a blob such as a configuration) into the store, verified; throws when it cannot be had. */
	readonly fetch: (blob: Descriptor, kind: 'document' | 'blob') => Promise<void>;
	/** The same for a layer, which may come later; absent: `fetch` brings it. */
	readonly layer?: (blob: Descriptor) => Promise<void>;
}

/** The entry of an index that a tag names (its whole text or the tag of a whole name); without a tag the only one there is. */
export function selectTag(index: ImageIndex, tag: string | undefined, name: string): Descriptor {
	const named = index.manifests.map((manifest) => ({manifest, ref: manifest.annotations?.[refNameAnnotation]}));
	const names = [...new Set(named.flatMap(({ref}) => ref ?? []))].sort();
	if (tag === undefined) {
		const digests = new Set(index.manifests.map((manifest) => manifest.digest));
		const [only] = index.manifests;
		if (only === undefined) throw new BuildError(baseDamaged(name, 'its index lists no image'));
		if (digests.size > 1) throw new BuildError(baseAmbiguous(name, names));
		return only;
	}
	const found = named.find(({ref}) => ref === tag) ?? named.find(({ref}) => ref !== undefined && parseReference(ref).value?.tag === tag);
	if (found === undefined) throw new BuildError(baseNoTag(name, tag, names));
	return found.manifest;
}

/** Follows a descriptor (through indexes, to the platform's manifest) to an image whose documents and layers are in the store. */
export async function resolveImage(descriptor: Descriptor, lookup: ImageLookup): Promise<ResolvedBase> {
	const {manifest, digest} = await findManifest(descriptor, lookup, 0);
	const config = valueOf(parseImageConfig(await document(manifest.config, lookup, 'blob')));
	const diffIds = config.rootfs.diff_ids;
	if (diffIds.length !== manifest.layers.length) {
		const problem = `its configuration has ${diffIds.length} layers, its manifest ${manifest.layers.length}`;
		throw new BuildError(baseMalformed(`the base \`${lookup.name}\``, problem));
	}
	const layers: ResolvedLayer[] = [];
	for (const [at, blob] of manifest.layers.entries()) layers.push(await resolveLayer(diffIds[at] as DiffId, blob, lookup));
	return {config, layers, digest};
}

async function findManifest(
	descriptor: Descriptor,
	lookup: ImageLookup,
	depth: number,
): Promise<{readonly manifest: Manifest; readonly digest: Descriptor['digest']}> {
	const bytes = await document(descriptor, lookup, 'document');
	if (!isIndexType(descriptor.mediaType)) return {manifest: valueOf(parseManifest(bytes, descriptor.mediaType)), digest: descriptor.digest};
	const {manifests} = valueOf(parseIndex(bytes, descriptor.mediaType));
	const chosen = selectPlatform(manifests, lookup.platform);
	if (chosen === undefined) {
		const found = manifests.flatMap(({platform}) => (platform === undefined ? [] : printPlatform(platform)));
		throw new BuildError(baseNoPlatform(lookup.name, printPlatform(lookup.platform), found));
	}
	if (depth === 3) throw new BuildError(baseMalformed(`the base \`${lookup.name}\``, 'its indexes are nested more than 3 deep'));
	return findManifest(chosen, lookup, depth + 1);
}

async function document(descriptor: Descriptor, lookup: ImageLookup, kind: 'document' | 'blob'): Promise<Buffer> {
	if (descriptor.size > documentLimit) {
		throw new BuildError(
			baseMalformed(`the base \`${lookup.name}\``, `a document has ${descriptor.size} bytes, ${documentLimit} are allowed`),
		);
	}
	await lookup.fetch(descriptor, kind);
	return lookup.store.blobs.read(descriptor);
}

/** An image that was built here names layers that are no blobs, only directories: then the store's own record counts. */
async function resolveLayer(diffId: DiffId, blob: Descriptor, lookup: ImageLookup): Promise<ResolvedLayer> {
	const known = lookup.store.layers.get(diffId);
	if (compressionOf(blob.mediaType) === 'none' && (blob.digest as string) !== diffId) {
		throw new BuildError(baseDamaged(lookup.name, `its layer \`${blob.digest}\` is uncompressed, but its diffID is \`${diffId}\``));
	}
	if (lookup.layer !== undefined) {
		await lookup.layer(blob);
		return {diffId, blob};
	}
	if (known !== undefined && !lookup.store.blobs.has(blob)) return known.blob === undefined ? {diffId} : {diffId, blob: known.blob};
	await lookup.fetch(blob, 'blob');
	return {diffId, blob};
}
