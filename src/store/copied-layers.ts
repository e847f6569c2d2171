import {existsSync, statSync} from 'node:fs';
import {canonicalJson, type Json} from '../core/canonical-json.ts';
import type {DiffId, Digest} from '../core/digest.ts';
import {hexOf, sha256} from '../core/digest.ts';
import type {Store} from './open-store.ts';
import {readSealedColumns, writeSealedColumns} from './sealed-columns.ts';
import {touch} from './step-cache.ts';
import {inStore} from './store-error.ts';

/** Where the files of a selection are in the layer that a copy made, by their positions in the selection. */
export interface CopiedPlaces {
	/** Offset of the first header block in the tar; -1 for what has no content of its own there. Empty when the layer is a directory. */
	readonly starts: Float64Array;
	/** Position in the layer's index; `nowhere` for what has no content of its own there. */
	readonly entries: Uint32Array;
}

/** Larger than any position. */
export const nowhere = 0xffff_ffff;

/** A layer that a copy made as a tar of the store, or as a directory, and of what. */
export interface CopiedLayer extends CopiedPlaces {
	readonly diffId: DiffId;
	readonly size: number;
	/** What of the stack below decided the result (see copyFacts), as a digest. */
	readonly facts: string;
	/** Of the selection: what `shapeOf` says, and the digests of its files. */
	readonly shape: Digest;
	readonly digests: string;
}

interface Written extends CopiedLayer {
	readonly version: 2;
	/** Of the blob after it was written and synced: as long as it stays, nobody has written to the file. Empty for a directory. */
	readonly stamp: string;
}

/** The last layer that was noted under a key, if the store has it and its blob is still the file that it was; undefined, too, for a note that is damaged. */
export function readCopiedLayer(store: Store, key: Json): CopiedLayer | undefined {
	const path = pathOf(store, key);
	const written = readSealedColumns<Written>(path, 2);
	if (written === undefined) return undefined;
	const {version: _version, stamp, ...layer} = written;
	if (stamp !== stampOf(store, layer.diffId)) return undefined;
	touch(path);
	return layer;
}

/** Whether a layer was ever noted under a key. */
export function hasCopiedLayer(store: Store, key: Json): boolean {
	return existsSync(pathOf(store, key));
}

/** Notes a layer of the store. Cheap to lose, so not synced. */
export function noteCopiedLayer(store: Store, key: Json, layer: CopiedLayer): void {
	const stamp = stampOf(store, layer.diffId);
	if (stamp === undefined) return;
	const written: Written = {...layer, version: 2, stamp};
	inStore(store.directory, () => writeSealedColumns(pathOf(store, key), written));
}

function pathOf(store: Store, key: Json): string {
	return `${store.directory}/memo/${hexOf(sha256(canonicalJson(key)))}.copied`;
}

function stampOf({blobs, layers}: Store, diffId: DiffId): string | undefined {
	const stat = statSync(blobs.path(diffId as string as Digest), {throwIfNoEntry: false, bigint: true});
	if (stat === undefined) return layers.get(diffId)?.directory === undefined ? undefined : '';
	return [stat.dev, stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ');
}
