import {createHash} from 'node:crypto';
import type {Json} from '../core/canonical-json.ts';
import type {Digest, DiffId} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportLayerChanged} from '../diagnostics/export.ts';
import {compress} from '../host/compress.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {compressionOf, layerTypes, mediaTypes} from '../oci/media-types.ts';
import type {Store} from '../store/open-store.ts';
import type {ExportContext, ExportLayer, LayerReader} from './exporter.ts';
import type {LayerForm} from './output-spec.ts';

/** A layer as it goes into an image: its descriptor and its bytes. */
export interface LayerBlob {
	readonly descriptor: Descriptor;
	open(): AsyncIterable<Uint8Array>;
}

/** The layer in the form asked for; compressed ones are blobs of the store. */
export async function layerBlob(layer: ExportLayer, form: LayerForm, context: ExportContext): Promise<LayerBlob> {
	if (form.compression === 'none') return plainLayer(layer, context);
	const {store} = context;
	const descriptor = knownBlob(layer, form, store) ?? (await storeCompressed(layer, form, context));
	return {descriptor, open: () => store.blobs.open(descriptor)};
}

/** The uncompressed tar itself; nothing is stored. */
export function plainLayer(layer: ExportLayer, context: ExportContext): LayerBlob {
	const {diffId, size, blob} = layer;
	const descriptor = {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size};
	const isPlain = blob !== undefined && (blob.digest as string) === diffId && context.store.blobs.has(blob);
	return {descriptor, open: () => (isPlain ? context.store.blobs.open(blob) : verifiedTar(diffId, context.layers))};
}

/** A blob of the store: the base image's own whatever its compression (as docker buildx has it), or that of an earlier output. */
export function knownBlob(layer: ExportLayer, form: LayerForm, store: Store): Descriptor | undefined {
	const named = nameOfBlob(layer, form, store);
	return named !== undefined && store.blobs.has(named) ? named : undefined;
}

/** What the blob of a layer is, even when the store has lost (or never had) its bytes. */
export function nameOfBlob({diffId, blob}: ExportLayer, {compression, level, force}: LayerForm, store: Store): Descriptor | undefined {
	const known = blob === undefined ? undefined : compressionOf(blob.mediaType);
	if (blob !== undefined && !force && known !== undefined && known !== 'none') {
		const {digest, size} = blob;
		return {mediaType: layerTypes[known], digest, size};
	}
	return store.memo.get(memoKey(diffId, compression, level)) as unknown as Descriptor | undefined;
}

async function storeCompressed(layer: ExportLayer, {compression, level}: LayerForm, context: ExportContext): Promise<Descriptor> {
	const {store} = context;
	const bytes = compress(plainLayer(layer, context).open(), compression, level);
	const descriptor = {mediaType: layerTypes[compression], ...(await store.blobs.write(bytes))};
	store.memo.set(memoKey(layer.diffId, compression, level), descriptor as unknown as Json);
	return descriptor;
}

function memoKey(diffId: DiffId, compression: LayerForm['compression'], level: number): Json {
	return {kind: 'compressed', version: 1, diffId, compression, level};
}

/** A layer's tar that ends with an error when it is not what its diffID says. */
async function* verifiedTar(diffId: DiffId, layers: LayerReader): AsyncGenerator<Uint8Array> {
	const hash = createHash('sha256');
	for await (const chunk of layers.open(diffId)) {
		hash.update(chunk);
		yield chunk;
	}
	const found = `sha256:${hash.digest('hex')}`;
	if (found !== diffId) throw new BuildError(exportLayerChanged(diffId, found));
}
