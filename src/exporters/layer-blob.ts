import {createHash} from 'node:crypto';
import type {Json} from '../core/canonical-json.ts';
import type {Digest, DiffId} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportLayerChanged} from '../diagnostics/export.ts';
import {gzipBlocks} from '../host/gzip-blocks.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {compressionOf, mediaTypes} from '../oci/media-types.ts';
import type {ExportContext, ExportLayer, LayerReader} from './exporter.ts';

/** A layer as it goes into an image: its descriptor and its bytes. */
export interface LayerBlob {
	readonly descriptor: Descriptor;
	open(): AsyncIterable<Uint8Array>;
}

/** The uncompressed tar itself; nothing is stored. */
export function plainLayer(layer: ExportLayer, context: ExportContext): LayerBlob {
	const {diffId, size, blob} = layer;
	const descriptor = {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size};
	const isPlain = blob !== undefined && (blob.digest as string) === diffId && context.store.blobs.has(blob);
	return {descriptor, open: () => (isPlain ? context.store.blobs.open(blob) : verifiedTar(diffId, context.layers))};
}

/** A gzip blob of the store: the base image's own, the one of an earlier export, or a new one. */
export async function gzipLayer(layer: ExportLayer, level: number, context: ExportContext): Promise<LayerBlob> {
	const {store} = context;
	const {diffId, blob} = layer;
	const ready = (descriptor: Descriptor): LayerBlob => ({descriptor, open: () => store.blobs.open(descriptor)});
	if (blob !== undefined && compressionOf(blob.mediaType) === 'gzip' && store.blobs.has(blob))
		return ready({...blob, mediaType: mediaTypes.layerGzip});
	const key = {kind: 'compressed', version: 1, diffId, compression: 'gzip', level};
	const known = store.memo.get(key) as unknown as Descriptor | undefined;
	if (known !== undefined && store.blobs.has(known)) return ready(known);
	const descriptor = {mediaType: mediaTypes.layerGzip, ...(await store.blobs.write(gzipBlocks(plainLayer(layer, context).open(), level)))};
	store.memo.set(key, descriptor as unknown as Json);
	return ready(descriptor);
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
