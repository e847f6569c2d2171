import type {Digest} from '../core/digest.ts';
import type {ExportImage, ExportSet, Referrer} from '../exporters/exporter.ts';
import type {LayerForm} from '../exporters/output-spec.ts';
import {type ImageParts, setParts} from '../exporters/set-parts.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {mediaTypes} from '../oci/media-types.ts';
import type {Store} from '../store/open-store.ts';
import {storeReferrer} from './attest-image.ts';
import type {Attesting} from './write-outputs.ts';
import type {WorkerClient} from './worker-client.ts';

export interface AttestContext {
	readonly store: Store;
	readonly worker: WorkerClient;
	readonly attesting: Attesting;
}

/** Gives every image what is said of the manifest that it gets with layers of this form. */
export async function attestSet(set: ExportSet, form: LayerForm, {store, worker, attesting}: AttestContext): Promise<ExportSet> {
	const described: Descriptor[][] = [];
	for (const image of set.images) described.push(await describeLayers(image, form, {store, worker}));
	const {images} = setParts(
		set,
		described.map((descriptors) => descriptors.map((descriptor) => ({descriptor, open: () => store.blobs.open(descriptor)}))),
	);
	const attested: ExportImage[] = [];
	for (const [at, image] of set.images.entries()) {
		const parts = images[at];
		if (parts !== undefined) attested.push({...image, referrers: await referrersOf(image, parts, {store, attesting})});
	}
	return {...set, images: attested};
}

/** What is said of an image with this manifest, in the store. */
export async function referrersOf(
	image: ExportImage,
	{manifest: {descriptor}}: ImageParts,
	{store, attesting}: Pick<AttestContext, 'store' | 'attesting'>,
): Promise<readonly Referrer[]> {
	const attestations = (await attesting.of(image)?.(descriptor)) ?? [];
	attesting.noted(image, attestations);
	return attestations.map((attestation) => storeReferrer(store, descriptor, attestation));
}

/** One after the other: each is compressed with all threads. */
async function describeLayers(
	{layers}: ExportImage,
	{compression, level, force}: LayerForm,
	{store, worker}: Pick<AttestContext, 'store' | 'worker'>,
): Promise<Descriptor[]> {
	const found: Descriptor[] = [];
	if (compression === 'none') {
		// Only layers that were unpacked once are known by their sizes.
		if (layers.some(({diffId}) => store.layers.get(diffId) === undefined)) await worker.call('unpack', {stack: {host: false, layers}});
		for (const {diffId, size} of layers)
			found.push({mediaType: mediaTypes.layer, digest: diffId as string as Digest, size: store.layers.get(diffId)?.size ?? size});
		return found;
	}
	for (const at of layers.keys()) found.push(await worker.call('compress', {layers, at, form: {compression, level, force}}));
	return found;
}
