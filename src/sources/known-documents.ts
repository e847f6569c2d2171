import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type ChainId, type Digest, type DiffId, hexOf} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {blobOfDiffId} from '../store/layer-store.ts';
import type {Store} from '../store/open-store.ts';

/** What an image's manifest and configuration say, checked: as many blobs as diffIDs, in their order. */
export interface ImageDocuments {
	readonly config: ImageConfig;
	/** The blob of the configuration. */
	readonly source: Descriptor;
	readonly blobs: readonly Descriptor[];
	/** Of all layers. */
	readonly chain: ChainId;
}

/**
 * A blob of a layer: the size of an uncompressed tar that its diffID names, or a descriptor. Digests have no `sha256:`: what a record of the memo names
 * in full is not pruned as something that nothing needs.
 */
type NotedBlob = number | Descriptor;

type Noted = Omit<ImageDocuments, 'blobs'> & {readonly blobs: readonly NotedBlob[]};

const keyOf = ({digest, size, mediaType}: Descriptor): Json => ({kind: 'image', version: 1, manifest: hexOf(digest), size, mediaType});

/** Notes what the documents of a manifest say: reading and checking those of many layers takes five times as long as reading this. */
export function noteDocuments(store: Store, manifest: Descriptor, documents: ImageDocuments): void {
	const {config, source, blobs} = documents;
	const noted: Noted = {...documents, source: shortened(source), blobs: notedBlobs(blobs, config.rootfs.diff_ids)};
	store.memo.offer(keyOf(manifest), noted as unknown as Json);
}

/** What was noted, while the store has both documents. */
export function recallDocuments(store: Store, manifest: Descriptor): ImageDocuments | undefined {
	const noted = store.memo.get(keyOf(manifest)) as unknown as Noted | undefined;
	if (noted === undefined || !store.blobs.has(manifest)) return undefined;
	const source = restored(noted.source);
	if (!store.blobs.has(source)) return undefined;
	const ids = noted.config.rootfs.diff_ids;
	const blobs = noted.blobs.map((blob, at) => (typeof blob === 'number' ? blobOfDiffId(ids[at] as DiffId, blob) : restored(blob)));
	return {...noted, source, blobs};
}

function notedBlobs(blobs: readonly Descriptor[], ids: readonly DiffId[]): readonly NotedBlob[] {
	return blobs.map((blob, at) => {
		const plain = blobOfDiffId(ids[at] as DiffId, blob.size);
		return canonicalJson(blob as unknown as Json) === canonicalJson(plain as unknown as Json) ? blob.size : shortened(blob);
	});
}

function shortened(blob: Descriptor): Descriptor {
	return {...blob, digest: hexOf(blob.digest) as Digest};
}

function restored(blob: Descriptor): Descriptor {
	return {...blob, digest: `sha256:${blob.digest}` as Digest};
}
