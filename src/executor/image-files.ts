import type {DiffId} from '../core/digest.ts';
import {compareRaw, type RawPath} from '../core/raw-path.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {mergeIndexes} from './merge-indexes.ts';

export interface ImageLayer {
	readonly diffId: DiffId;
	readonly blob: Descriptor;
}

/** Every file of the merged file system by path, sorted; layers that were never unpacked are unpacked for it. */
export async function imageFiles(store: Store, layers: readonly ImageLayer[]): Promise<ReadonlyMap<RawPath, TarEntry>> {
	if (layers.some(({diffId}) => store.layers.readIndex(diffId) === undefined)) {
		const {withWorker} = await import('./with-worker.ts');
		const references = layers.map(({diffId, blob}) => ({diffId, ...(store.blobs.has(blob) ? {blob} : {})}));
		await withWorker({store: store.directory, ids: 'auto', driver: 'auto'}, (worker) =>
			worker.call('unpack', {stack: {host: false, layers: references}}),
		);
	}
	const files = mergeIndexes(layers.map(({diffId}) => store.layers.readIndex(diffId) ?? []));
	return new Map([...files].sort(([a], [b]) => compareRaw(a, b)));
}
