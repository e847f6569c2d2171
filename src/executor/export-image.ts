import type {ExportLayer, ExportSet} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {Store} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import {canBeHad, type ImageLayer} from './image-files.ts';
import {type RegistryAccess, withWorker} from './with-worker.ts';

export interface StoreExport {
	readonly set: ExportSet;
	readonly outputs: readonly OutputSpec[];
	/** Whole seconds since 1970: time of the members of image archives. */
	readonly epoch: number;
	readonly registries: RegistryAccess;
}

/** Writes images of the store to every output, with their configurations as they are; layers that were never unpacked (or fetched) are where that is needed. */
export async function exportStored(store: Store, {set, outputs, epoch, registries}: StoreExport): Promise<void> {
	try {
		await withWorker({store: store.directory, ids: 'auto', driver: 'auto', registries}, async (worker) => {
			for (const spec of outputs) {
				registries.signal.throwIfAborted();
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
	const isNeeded = known === undefined ? canBeHad(store, blob) : store.blobs.has(blob);
	const source = isNeeded ? blob : known?.blob;
	return {diffId, size: known?.size ?? 0, ...(source === undefined ? {} : {blob: source})};
}
