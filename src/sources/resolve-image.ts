import {chainOf, type DiffId} from '../core/digest.ts';
import {baseAmbiguous, baseDamaged, baseMalformed, baseNoPlatform, baseNoTag} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {documentLimit} from '../oci/bounded-json.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import type {Platform} from '../oci/image-config.ts';
import {isImageEntry} from '../oci/image-entry.ts';
import {type ImageIndex, parseIndex} from '../oci/index-document.ts';
import {parseManifest} from '../oci/manifest.ts';
import {compressionOf, isIndexType} from '../oci/media-types.ts';
import {parseImageConfig} from '../oci/parse-image-config.ts';
import {parseReference} from '../oci/reference.ts';
import {printPlatform, selectPlatform} from '../oci/select-platform.ts';
import {noteLayers, recallLayers} from '../store/known-layers.ts';
import type {Store} from '../store/open-store.ts';
import {valueOf} from './base-error.ts';
import {type ImageDocuments, noteDocuments, recallDocuments} from './known-documents.ts';
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
	/** False: what was found before does not count, and what is found is not noted. */
	readonly remembers?: false;
}

/**
 * The entries of a layout's index that a tag names (its whole text, or the tag of a whole name); without a tag those there are, when they are one
 * image: the same digest, or nameless or equally named images of different platforms.
 */
export function selectTag(index: ImageIndex, tag: string | undefined, name: string): readonly Descriptor[] {
	const images = index.manifests.filter(isImageEntry);
	// What is no image at all is told when its document is read.
	const known = (images.length > 0 ? images : index.manifests).map((manifest) => ({
		manifest,
		ref: manifest.annotations?.[refNameAnnotation],
	}));
	const names = [...new Set(known.flatMap(({ref}) => ref ?? []))].sort();
	if (tag !== undefined) {
		const whole = known.filter(({ref}) => ref === tag);
		const found = whole.length > 0 ? whole : known.filter(({ref}) => ref !== undefined && parseReference(ref).value?.tag === tag);
		if (found.length === 0) throw new BuildError(baseNoTag(name, tag, names));
		return found.map(({manifest}) => manifest);
	}
	const manifests = known.map(({manifest}) => manifest);
	if (manifests.length === 0) throw new BuildError(baseDamaged(name, 'its index lists no image'));
	if (new Set(manifests.map(({digest}) => digest)).size === 1) return manifests.slice(0, 1);
	const platforms = new Set(manifests.flatMap(({platform}) => (platform === undefined ? [] : [printPlatform(platform)])));
	if (new Set(known.map(({ref}) => ref)).size > 1 || platforms.size < manifests.length) throw new BuildError(baseAmbiguous(name, names));
	return manifests;
}

/** Follows descriptors (through indexes, to the platform's manifest) to an image whose documents and layers are in the store. */
export async function resolveImage(descriptors: readonly Descriptor[], lookup: ImageLookup): Promise<ResolvedBase> {
	const found = await findManifest(descriptors, lookup);
	const {digest} = found;
	if (lookup.remembers === false) {
		const documents = await readDocuments(found, lookup);
		return {config: documents.config, layers: await resolveLayers(documents, lookup), digest, chain: documents.chain};
	}
	const {store} = lookup;
	const documents = recallDocuments(store, found) ?? (await readDocuments(found, lookup));
	const known = recallLayers(store, digest, layersOf(documents));
	for (const {blob} of known ?? []) if (blob !== undefined) await lookup.layer?.(blob);
	const layers = known ?? (await resolveLayers(documents, lookup));
	if (known === undefined) noteLayers(store, digest, layers);
	return {config: documents.config, layers, digest, chain: documents.chain};
}

function layersOf({config, blobs}: ImageDocuments): readonly Required<ResolvedLayer>[] {
	return blobs.map((blob, at) => ({diffId: config.rootfs.diff_ids[at] as DiffId, blob}));
}

async function resolveLayers(documents: ImageDocuments, lookup: ImageLookup): Promise<readonly ResolvedLayer[]> {
	const layers: ResolvedLayer[] = [];
	for (const {diffId, blob} of layersOf(documents)) layers.push(await resolveLayer(diffId, blob, lookup));
	return layers;
}

async function readDocuments(found: Descriptor, lookup: ImageLookup): Promise<ImageDocuments> {
	const manifest = valueOf(parseManifest(await document(found, lookup, 'document'), found.mediaType));
	const config = valueOf(parseImageConfig(await document(manifest.config, lookup, 'blob')));
	const diffIds = config.rootfs.diff_ids;
	if (diffIds.length !== manifest.layers.length) {
		const problem = `its configuration has ${diffIds.length} layers, its manifest ${manifest.layers.length}`;
		throw new BuildError(baseMalformed(`the base \`${lookup.name}\``, problem));
	}
	const documents = {config, source: manifest.config, blobs: manifest.layers, chain: chainOf(diffIds)};
	if (lookup.remembers !== false) noteDocuments(lookup.store, found, documents);
	return documents;
}

/** One manifest is taken whatever its platform; of several, in indexes too, the platform's. */
async function findManifest(descriptors: readonly Descriptor[], lookup: ImageLookup): Promise<Descriptor> {
	const [only] = descriptors;
	if (only !== undefined && descriptors.length === 1 && !isIndexType(only.mediaType)) return only;
	const manifests = await flatten(descriptors, lookup);
	const chosen = selectPlatform(manifests, lookup.platform);
	if (chosen !== undefined) return chosen;
	const found = manifests.flatMap(({platform}) => (platform === undefined ? [] : printPlatform(platform)));
	throw new BuildError(baseNoPlatform(lookup.name, printPlatform(lookup.platform), found));
}

const deepest = 3;
/** Indexes that are read for one image. */
const mostIndexes = 100;

/** Every manifest of an image that the descriptors lead to; indexes are read whole, so that a platform is found in any of them. */
async function flatten(descriptors: readonly Descriptor[], lookup: ImageLookup): Promise<readonly Descriptor[]> {
	const malformed = (problem: string): BuildError => new BuildError(baseMalformed(`the base \`${lookup.name}\``, problem));
	let read = 0;
	const visit = async (entries: readonly Descriptor[], depth: number): Promise<readonly Descriptor[]> => {
		const found: Descriptor[] = [];
		for (const entry of entries) {
			if (!isIndexType(entry.mediaType)) {
				if (isImageEntry(entry)) found.push(entry);
				continue;
			}
			if (depth > deepest) throw malformed(`its indexes are nested more than ${deepest} deep`);
			if (++read > mostIndexes) throw malformed(`it has more than ${mostIndexes} indexes`);
			const {manifests} = valueOf(parseIndex(await document(entry, lookup, 'document'), entry.mediaType));
			found.push(...(await visit(manifests, depth + 1)));
		}
		return found;
	};
	return visit(descriptors, 0);
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
	// What was built here never was a blob of a registry.
	const isOwn = (blob.digest as string) === diffId && known?.directory !== undefined && !lookup.store.blobs.has(blob);
	if (lookup.layer !== undefined && !isOwn) {
		await lookup.layer(blob);
		return {diffId, blob};
	}
	if (known !== undefined && !lookup.store.blobs.has(blob)) return known.blob === undefined ? {diffId} : {diffId, blob: known.blob};
	await lookup.fetch(blob, 'blob');
	return {diffId, blob};
}
