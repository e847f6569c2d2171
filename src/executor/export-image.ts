import type {ExportImage, ExportLayer} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {Store} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import {type ImageLayer, layerReferences} from './image-files.ts';
import {withWorker} from './with-worker.ts';

/** An image of the store and where it goes. */
export interface StoreExport {
	readonly manifest: Descriptor;
	/** Of the configuration's blob. */
	readonly configBlob: Descriptor;
	readonly config: ImageConfig;
	/** Of the manifest. */
	readonly annotations: Readonly<Record<string, string>>;
	/** Bottom first. */
	readonly layers: readonly ImageLayer[];
	/** Whole names that it gets in image archives and layouts. */
	readonly names: readonly string[];
	readonly outputs: readonly OutputSpec[];
	/** Whole seconds since 1970: time of the members of image archives. */
	readonly epoch: number;
	readonly signal: AbortSignal;
}

/** Writes an image of the store to every output, with its configuration as it is; layers that were never unpacked are unpacked for it. */
export async function exportStored(store: Store, request: StoreExport): Promise<void> {
	const {config, layers, names, annotations, outputs, epoch, signal} = request;
	const references = layerReferences(store, layers);
	try {
		await withWorker({store: store.directory, ids: 'auto', driver: 'auto', signal}, async (worker) => {
			await worker.call('unpack', {stack: {host: false, layers: references}});
			const image: ExportImage = {
				config,
				layers: layers.map((layer) => exportedLayer(store, layer)),
				names,
				annotations,
				documents: documentsOf(store, request),
			};
			for (const spec of outputs) {
				signal.throwIfAborted();
				await worker.call('export', {image, spec, epoch, layers: references});
			}
		});
	} catch (error) {
		throw diskError(error, store.directory);
	}
}

function documentsOf(store: Store, {manifest, configBlob}: StoreExport): NonNullable<ExportImage['documents']> {
	return {manifest: store.blobs.read(manifest).toString(), config: store.blobs.read(configBlob).toString()};
}

/** Unpacked, so that the size of its tar is known. */
function exportedLayer(store: Store, {diffId, blob}: ImageLayer): ExportLayer {
	const known = store.layers.get(diffId);
	const source = store.blobs.has(blob) ? blob : known?.blob;
	return {diffId, size: known?.size ?? 0, ...(source === undefined ? {} : {blob: source})};
}
