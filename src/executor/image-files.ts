import type {DiffId} from '../core/digest.ts';
import {compareRaw, type RawPath} from '../core/raw-path.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {originOf} from '../store/blob-origins.ts';
import {mergeIndexes} from './merge-indexes.ts';
import type {RegistryAccess} from './with-worker.ts';
import type {LayerReference} from './worker/protocol.ts';

export interface ImageLayer {
	readonly diffId: DiffId;
	readonly blob: Descriptor;
}

/** The merged file system of an image. */
export interface ImageFiles {
	/** Sorted by path. A hard link names the first path of its file, which is there. */
	readonly entries: ReadonlyMap<RawPath, TarEntry>;
	/** Says where an entry comes from: entries of two images with the same origin are the same in all but their names. */
	originOf(entry: TarEntry): string;
}

/** Every file of the merged file system; layers that were never unpacked, or never fetched, are for it. */
export async function imageFiles(store: Store, layers: readonly ImageLayer[], registries: RegistryAccess): Promise<ImageFiles> {
	if (layers.some(({diffId}) => store.layers.readIndex(diffId) === undefined)) {
		const {withWorker} = await import('./with-worker.ts');
		await withWorker({store: store.directory, ids: 'auto', driver: 'auto', registries}, (worker) =>
			worker.call('unpack', {stack: {host: false, layers: layerReferences(store, layers)}}),
		);
	}
	return mergeFiles(layers.map(({diffId}) => ({diffId, index: store.layers.readIndex(diffId) ?? []})));
}

/** The layers as the worker stacks them. */
export function layerReferences(store: Store, layers: readonly ImageLayer[]): readonly LayerReference[] {
	return layers.map(({diffId, blob}) => ({diffId, ...(canBeHad(store, blob) ? {blob} : {})}));
}

/** True for what the store has, and for a layer of a base that is still in its registry. */
export function canBeHad(store: Store, blob: Descriptor): boolean {
	return store.blobs.has(blob) || originOf(store.memo, blob.digest) !== undefined;
}

/**
 * What `imageFiles` makes of the layers' indexes, bottom first. A hard link whose target is another file in the end, or gone, is the file
 * itself; further links to the same one name it.
 */
export function mergeFiles(layers: readonly {readonly diffId: DiffId; readonly index: readonly TarEntry[]}[]): ImageFiles {
	const layerOf = new Map<TarEntry, DiffId>();
	for (const {diffId, index} of layers) for (const entry of index) layerOf.set(entry, diffId);
	const merged = mergeIndexes(layers.map(({index}) => index));
	const targetOf = hardLinkTargets(layers);
	const origins = new Map<TarEntry, string>();
	const first = new Map<TarEntry, RawPath>();
	const entries = new Map<RawPath, TarEntry>();
	for (const [path, entry] of [...merged].sort(([a], [b]) => compareRaw(a, b))) {
		const source = (entry.type === 'hardlink' ? targetOf(entry) : undefined) ?? entry;
		const origin = `${layerOf.get(source) ?? ''} ${source.path}`;
		const before = first.get(source);
		if (before === undefined) first.set(source, path);
		// Paths come in order, so that the first one is the file whatever the layer called a link.
		const shown: TarEntry = before === undefined ? {...source, path} : {...source, path, type: 'hardlink', size: 0, link: before};
		origins.set(shown, origin);
		entries.set(path, shown);
	}
	return {entries, originOf: (entry) => origins.get(entry) ?? ''};
}

/** Finds the file that a hard link of a layer stands for: always one of the same layer. */
function hardLinkTargets(
	layers: readonly {readonly diffId: DiffId; readonly index: readonly TarEntry[]}[],
): (link: TarEntry) => TarEntry | undefined {
	const targets = new Map<TarEntry, TarEntry>();
	for (const {index} of layers) {
		const links = index.filter(({type}) => type === 'hardlink');
		if (links.length === 0) continue;
		const byPath = new Map(index.map((entry) => [entry.path, entry]));
		for (const link of links) {
			const target = byPath.get((link.link ?? '') as RawPath);
			if (target !== undefined) targets.set(link, target);
		}
	}
	return (link) => targets.get(link);
}
