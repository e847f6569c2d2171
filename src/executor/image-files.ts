import type {DiffId} from '../core/digest.ts';
import {compareRaw, type RawPath} from '../core/raw-path.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {opaqueName, deletedBy} from '../tar/whiteout.ts';

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
	const files = new Map<RawPath, TarEntry>();
	for (const {diffId} of layers) applyIndex(files, store.layers.readIndex(diffId) ?? []);
	return new Map([...files].sort(([a], [b]) => compareRaw(a, b)));
}

/** Deletions count for what is below, so they come before the layer's own entries. */
function applyIndex(files: Map<RawPath, TarEntry>, entries: readonly TarEntry[]): void {
	const removed: RawPath[] = [];
	for (const {path} of entries) {
		const target = deletedBy(path);
		if (target !== undefined) removed.push(target);
	}
	for (const {path, type} of entries) if (type !== 'directory' && files.get(path)?.type === 'directory') removed.push(path);
	for (const path of removed) removeBelow(files, path, true);
	for (const {path} of entries)
		if (path === opaqueName || path.endsWith(`/${opaqueName}`)) removeBelow(files, path.slice(0, -opaqueName.length - 1) as RawPath, false);
	for (const entry of entries) {
		if (deletedBy(entry.path) === undefined && !entry.path.endsWith(opaqueName)) files.set(entry.path, entry);
	}
}

function removeBelow(files: Map<RawPath, TarEntry>, directory: RawPath, itself: boolean): void {
	if (itself) files.delete(directory);
	const prefix = directory === '' ? '' : `${directory}/`;
	for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
}
