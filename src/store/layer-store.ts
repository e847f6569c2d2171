import {mkdirSync, readFileSync, renameSync, rmSync, statSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import type {Json} from '../core/canonical-json.ts';
import {type DiffId, hexOf} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {BlobStore} from './blob-store.ts';
import {readLayerIndex, writeLayerIndex} from './layer-index.ts';
import {readSealed, writeSealed} from './sealed-json.ts';
import {inStore} from './store-error.ts';

/** A layer that is complete in the store: at least one of `directory` and `blob` is there. */
export interface StoredLayer {
	readonly diffId: DiffId;
	/** Bytes of the uncompressed tar. */
	readonly size: number;
	/** Absolute path of the unpacked layer in the format of an overlay upperdir. */
	readonly directory?: string;
	/** A possibly compressed tar in blobs/. */
	readonly blob?: Descriptor;
	/** True when the directory is known to be on disk, not only in memory. */
	readonly synced: boolean;
}

export interface NewLayer {
	readonly diffId: DiffId;
	readonly size: number;
	/** A directory of this store's file system that moves into the layer; it must not be used by its old path afterwards. */
	readonly directory?: string;
	readonly blob?: Descriptor;
	readonly entries?: Iterable<TarEntry>;
}

export interface LayerStore {
	/** Undefined unless complete; an unsynced directory counts only during the boot that made it. */
	get(diffId: DiffId): StoredLayer | undefined;
	/** Adds what the layer lacks. When somebody else was first, a given directory stays where it is and theirs is returned. */
	publish(layer: NewLayer): Promise<StoredLayer>;
	/** The entries in tar order; undefined when they were never written or are damaged. */
	readIndex(diffId: DiffId): TarEntry[] | undefined;
	writeIndex(diffId: DiffId, entries: Iterable<TarEntry>): void;
	/** Call after a syncfs of the store's file system: the directories of these layers survive a reboot from now on. */
	markSynced(diffIds: readonly DiffId[]): Promise<void>;
}

interface LayerRecord {
	readonly diffId: DiffId;
	readonly size: number;
	readonly directory: boolean;
	readonly blob?: Descriptor;
	readonly synced: boolean;
	readonly bootId: string;
}

/** Layers under layers/HEX: `fs` is the directory, `record.json` is written last. */
export function makeLayerStore(store: string, blobs: BlobStore): LayerStore {
	const home = (diffId: DiffId): string => `${store}/layers/${hexOf(diffId)}`;
	const indexPath = (diffId: DiffId): string => `${store}/index/${hexOf(diffId)}.jsonl`;
	const get = (diffId: DiffId): StoredLayer | undefined => viewOf(readRecord(home(diffId), diffId), home(diffId), blobs);
	const locked = async <T>(work: () => T): Promise<T> => {
		const {lockFile} = await import('../host/lock.ts');
		const lock = inStore(store, () => lockFile(`${store}/layers/.lock`, {wait: true}));
		try {
			return inStore(store, work);
		} finally {
			lock?.release();
		}
	};
	return {
		get,
		publish(layer) {
			if (layer.entries !== undefined) inStore(store, () => writeLayerIndex(indexPath(layer.diffId), layer.entries ?? []));
			return locked(() => publish(home(layer.diffId), layer, get(layer.diffId), get));
		},
		readIndex: (diffId) => readLayerIndex(indexPath(diffId)),
		writeIndex: (diffId, entries) => inStore(store, () => writeLayerIndex(indexPath(diffId), entries)),
		async markSynced(diffIds) {
			await locked(() => {
				for (const diffId of diffIds) {
					const record = readRecord(home(diffId), diffId);
					if (record === undefined || record.synced || record.bootId !== bootId()) continue;
					writeSealed(`${home(diffId)}/record.json`, {...record, synced: true} as unknown as Json, {sync: true});
				}
			});
		},
	};
}

function publish(home: string, layer: NewLayer, known: StoredLayer | undefined, get: LayerStore['get']): StoredLayer {
	mkdirSync(home, {recursive: true, mode: 0o755});
	const takes = layer.directory !== undefined && known?.directory === undefined;
	if (takes) {
		// What stands there is from before an unclean reboot or of a writer that died.
		if (statSync(`${home}/fs`, {throwIfNoEntry: false}) !== undefined) {
			rmSync(`${home}/record.json`, {force: true});
			renameSync(`${home}/fs`, `${home}/../.trash-${randomBytes(8).toString('hex')}`);
		}
		renameSync(layer.directory ?? '', `${home}/fs`);
	}
	const blob = known?.blob ?? layer.blob;
	const record = {
		diffId: layer.diffId,
		size: layer.size,
		directory: takes || known?.directory !== undefined,
		...(blob === undefined ? {} : {blob}),
		synced: takes ? false : (known?.synced ?? false),
		bootId: bootId(),
	};
	writeSealed(`${home}/record.json`, record as unknown as Json);
	const stored = get(layer.diffId);
	if (stored === undefined) throw new Error(`layer ${layer.diffId} was published with neither a directory nor a blob`);
	return stored;
}

function readRecord(home: string, diffId: DiffId): LayerRecord | undefined {
	const record = readSealed(`${home}/record.json`) as unknown as LayerRecord | undefined;
	return record?.diffId === diffId ? record : undefined;
}

function viewOf(record: LayerRecord | undefined, home: string, blobs: BlobStore): StoredLayer | undefined {
	if (record === undefined) return undefined;
	const {diffId, size, blob, synced} = record;
	const trusted = record.directory && (synced || record.bootId === bootId());
	const directory = trusted && statSync(`${home}/fs`, {throwIfNoEntry: false})?.isDirectory() === true ? `${home}/fs` : undefined;
	const kept = blob !== undefined && blobs.has(blob) ? blob : undefined;
	if (directory === undefined && kept === undefined) return undefined;
	return {diffId, size, synced, ...(directory === undefined ? {} : {directory}), ...(kept === undefined ? {} : {blob: kept})};
}

let knownBootId: string | undefined;

/** Changes at every boot of the kernel. */
function bootId(): string {
	knownBootId ??= readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
	return knownBootId;
}
