import type {ExportLayer, ExportSet} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {Store} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import {type ImageLayer} from './image-files.ts';
import {withWorker} from './with-worker.ts';

export interface StoreExport {
	readonly set: ExportSet;
	readonly outputs: readonly OutputSpec[];
	/** Whole seconds since 1970: time of the members of image archives. */
	readonly epoch: number;
	readonly signal: AbortSignal;
}

/** Writes images of the store to every output, with their configurations as they are; layers that were never unpacked are unpacked where that is needed. */
export async function exportStored(store: Store, {set, outputs, epoch, signal}: StoreExport): Promise<void> {
	try {
		await withWorker({store: store.directory, ids: 'auto', driver: 'auto', signal}, async (worker) => {
			for (const spec of outputs) {
				signal.throwIfAborted();
				await worker.call('export', {set, spec, epoch});
			}
		});
	} catch (error) {
		throw diskError(error, store.directory);
	}
}

/** A layer of the store as outputs take it: where its bytes are, and how many its tar has, if that is known. */
export function exportedLayer(store: Store, {diffId, blob}: ImageLayer): ExportLayer {
	const known = store.layers.get(diffId);
	const source = store.blobs.has(blob) ? blob : known?.blob;
	return {diffId, size: known?.size ?? 0, ...(source === undefined ? {} : {blob: source})};
}
