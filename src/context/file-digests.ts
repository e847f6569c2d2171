import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {readSealed, writeSealed} from '../store/sealed-json.ts';
import {inStore} from '../store/store-error.ts';
import type {Store} from '../store/open-store.ts';
import {hashFile} from './hash-file.ts';
import type {FileStamp, SelectedEntry} from './selection.ts';

/** Digests of the files of one tree, remembered from build to build as long as their stamps stay the same. */
export interface FileDigests {
	digestOf(entry: SelectedEntry): Digest;
	/** Writes what was learnt, in one file, when there is something new. */
	save(): void;
}

/** Seven values per file, one after the other: arrays of 35 000 numbers and strings cost the collector far less than 5 000 objects. */
const rowLength = 7;
type Row = readonly [source: string, dev: number, ino: number, size: number, mtimeMs: number, ctimeMs: number, hex: string];

/** `root` is the directory the entries' sources are relative to; without a store nothing is remembered. */
export function openFileDigests(root: string, store?: Store): FileDigests {
	const path = store === undefined ? undefined : `${store.directory}/memo/${hexOf(sha256(`context ${root}`))}.files`;
	let rows: (string | number)[] | undefined;
	let places = new Map<string, number>();
	let changed = false;
	return {
		digestOf(entry) {
			if (rows === undefined) {
				rows = path === undefined ? [] : load(path);
				places = placesOf(rows);
			}
			const place = places.get(entry.source);
			if (place !== undefined && isSame(rows, place, entry)) return `sha256:${rows[place + 6]}` as Digest;
			const before = Date.now();
			const digest = hashFile(root, entry.source);
			// No file has a negative size: such a row is never used.
			const size = isSettled(entry.stamp, before) ? entry.size : -1;
			const {dev, ino, mtimeMs, ctimeMs} = entry.stamp;
			const row: Row = [entry.source, dev, ino, size, mtimeMs, ctimeMs, hexOf(digest)];
			if (place !== undefined) rows.splice(place, rowLength, ...row);
			else if (size !== -1) {
				places.set(entry.source, rows.length);
				rows.push(...row);
			}
			changed ||= place !== undefined || size !== -1;
			return digest;
		},
		save() {
			if (!changed || path === undefined || rows === undefined || store === undefined) return;
			const kept = rows;
			inStore(store.directory, () => writeSealed(path, kept));
			changed = false;
		},
	};
}

/**
 * False while a write after the one that was seen could leave the same times: then the digest must not be remembered.
 * The kernel stamps with its tick (1 to 10 ms); a whole second says that the file system may keep no finer times.
 */
export function isSettled(stamp: FileStamp, now: number): boolean {
	const newest = Math.max(stamp.ctimeMs, stamp.mtimeMs);
	return newest < now - (stamp.ctimeMs % 1000 === 0 ? 2000 : 50);
}

function isSame(rows: readonly (string | number)[], at: number, {size, stamp}: SelectedEntry): boolean {
	return (
		rows[at + 3] === size &&
		rows[at + 2] === stamp.ino &&
		rows[at + 4] === stamp.mtimeMs &&
		rows[at + 5] === stamp.ctimeMs &&
		rows[at + 1] === stamp.dev
	);
}

function load(path: string): (string | number)[] {
	const rows = readSealed(path);
	return Array.isArray(rows) && rows.length % rowLength === 0 ? (rows as (string | number)[]) : [];
}

function placesOf(rows: readonly (string | number)[]): Map<string, number> {
	const places = new Map<string, number>();
	for (let at = 0; at < rows.length; at += rowLength) places.set(rows[at] as string, at);
	return places;
}
