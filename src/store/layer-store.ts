import {mkdirSync, renameSync, rmSync, statSync} from 'node:fs';
import {randomBytes} from 'node:crypto';
import type {Json} from '../core/canonical-json.ts';
import {type Digest, type DiffId, hexOf} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {mediaTypes} from '../oci/media-types.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {BlobStore} from './blob-store.ts';
import {readBootId} from './boot-id.ts';
import {readIndexLines, readLayerIndex, writeIndexLines, writeLayerIndex} from './layer-index.ts';
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
	/** False for a directory that another boot has left: nothing was synced, so it must be looked at before it is used. */
	readonly verified: boolean;
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
	/** Undefined unless complete. */
	get(diffId: DiffId): StoredLayer | undefined;
	/** Says that a layer is known to be as `get` would find it, where layers are looked at once. */
	assume(layer: StoredLayer): void;
	/** Adds what the layer lacks. When somebody else was first, a given directory stays where it is and theirs is returned. */
	publish(layer: NewLayer): Promise<StoredLayer>;
	/** The entries in tar order; undefined when they were never written or are damaged. */
	readIndex(diffId: DiffId): TarEntry[] | undefined;
	writeIndex(diffId: DiffId, entries: Iterable<TarEntry>): void;
	/** The same, each entry as JSON. */
	readIndexLines(diffId: DiffId): string[] | undefined;
	writeIndexLines(diffId: DiffId, lines: Iterable<string>): void;
	/** Says what became of a directory that is not verified: it counts from now on, or it goes and the blob remains, if there is one. */
	settle(diffId: DiffId, isIntact: boolean): Promise<StoredLayer | undefined>;
}

interface LayerRecord {
	readonly diffId: DiffId;
	readonly size: number;
	readonly directory: boolean;
	readonly blob?: Descriptor;
	/** The boot during which the directory was made or verified. */
	readonly bootId: string;
}

/** An uncompressed tar in blobs/ is named by its diffID. */
export function blobOfDiffId(diffId: DiffId, size: number): Descriptor {
	return {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size};
}

/** The place of a layer in a store: when its times stay the same, nothing that belongs to the layer has come, gone or been replaced. */
export function layerHome(store: string, diffId: DiffId): string {
	return `${store}/layers/${hexOf(diffId)}`;
}

/** Layers under layers/HEX: `fs` is the directory, `record.json` is written last. `bootId` changes at every boot. */
export function makeLayerStore(store: string, blobs: BlobStore, bootId: () => string = readBootId): LayerStore {
	const home = (diffId: DiffId): string => layerHome(store, diffId);
	const indexPath = (diffId: DiffId): string => `${store}/index/${hexOf(diffId)}.jsonl`;
	const get = (diffId: DiffId): StoredLayer | undefined => viewOf(readRecord(home(diffId), diffId), home(diffId), blobs, bootId());
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
		assume: () => {},
		publish(layer) {
			if (layer.entries !== undefined) inStore(store, () => writeLayerIndex(indexPath(layer.diffId), layer.entries ?? []));
			return locked(() => publish(home(layer.diffId), layer, {known: get(layer.diffId), blobs, bootId: bootId()}));
		},
		settle: (diffId, isIntact) => locked(() => settle(home(diffId), diffId, isIntact, get, bootId())),
		readIndex: (diffId) => readLayerIndex(indexPath(diffId)),
		writeIndex: (diffId, entries) => inStore(store, () => writeLayerIndex(indexPath(diffId), entries)),
		readIndexLines: (diffId) => readIndexLines(indexPath(diffId)),
		writeIndexLines: (diffId, lines) => inStore(store, () => writeIndexLines(indexPath(diffId), lines)),
	};
}

interface Surroundings {
	/** What the store has of the layer. */
	readonly known: StoredLayer | undefined;
	readonly blobs: BlobStore;
	readonly bootId: string;
}

function publish(home: string, layer: NewLayer, {known, blobs, bootId}: Surroundings): StoredLayer {
	const {diffId, size} = layer;
	// A new directory is better than one of another boot.
	const takes = layer.directory !== undefined && (known?.directory === undefined || !known.verified);
	const brings = layer.blob !== undefined && known?.blob === undefined;
	if (known !== undefined && !takes && !brings) return known;
	mkdirSync(home, {recursive: true, mode: 0o755});
	if (takes) {
		dropDirectory(home);
		renameSync(layer.directory ?? '', `${home}/fs`);
	}
	const directory = takes || known?.directory !== undefined;
	const madeAt = takes || known?.verified !== false ? bootId : (readRecord(home, diffId)?.bootId ?? '');
	const blob = known?.blob ?? layer.blob;
	const record = {diffId, size, directory, bootId: madeAt, ...(blob === undefined ? {} : {blob})};
	writeRecord(home, record);
	const stored = viewOf(record, home, blobs, bootId);
	if (stored === undefined) throw new Error(`layer ${diffId} was published with neither a directory nor a blob`);
	return stored;
}

/** Somebody else may have settled it in the meantime, or have put a new directory there. */
function settle(home: string, diffId: DiffId, isIntact: boolean, get: LayerStore['get'], bootId: string): StoredLayer | undefined {
	const known = get(diffId);
	if (known?.directory === undefined || known.verified) return known;
	const {size, blob} = known;
	if (!isIntact) dropDirectory(home);
	if (isIntact || blob !== undefined) writeRecord(home, {diffId, size, directory: isIntact, bootId, ...(blob === undefined ? {} : {blob})});
	return get(diffId);
}

/** Takes the record away first: it must never name what is not there. */
function dropDirectory(home: string): void {
	if (statSync(`${home}/fs`, {throwIfNoEntry: false}) === undefined) return;
	rmSync(`${home}/record.json`, {force: true});
	renameSync(`${home}/fs`, `${home}/../.trash-${randomBytes(8).toString('hex')}`);
}

function writeRecord(home: string, record: LayerRecord): void {
	writeSealed(`${home}/record.json`, record as unknown as Json);
}

function readRecord(home: string, diffId: DiffId): LayerRecord | undefined {
	const record = readSealed(`${home}/record.json`) as unknown as LayerRecord | undefined;
	return record?.diffId === diffId ? record : undefined;
}

function viewOf(record: LayerRecord | undefined, home: string, blobs: BlobStore, bootId: string): StoredLayer | undefined {
	if (record === undefined) return undefined;
	const {diffId, size, blob} = record;
	const directory = record.directory && statSync(`${home}/fs`, {throwIfNoEntry: false})?.isDirectory() === true ? `${home}/fs` : undefined;
	const kept = blob !== undefined && blobs.has(blob) ? blob : undefined;
	if (directory === undefined && kept === undefined) return undefined;
	const verified = directory === undefined || record.bootId === bootId;
	return {diffId, size, verified, ...(directory === undefined ? {} : {directory}), ...(kept === undefined ? {} : {blob: kept})};
}
