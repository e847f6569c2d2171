import type {Digest} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import {readSealedColumns, writeSealedColumns} from '../store/sealed-columns.ts';
import type {SelectedEntry} from './selection.ts';

/** In columns: 50 000 rows are read in 10 ms and give the collector nothing to do. */
interface Columns {
	readonly version: 1;
	/** A NUL after each. */
	readonly paths: string;
	/** One after the other, all of the same length. */
	readonly digests: string;
	/** dev, ino, size, mtimeMs, ctimeMs. */
	readonly stamps: Float64Array;
}

/** What was learnt about a file; a negative size is that of none: its digest is not to be trusted later. */
interface Learnt {
	readonly stamp: readonly [dev: number, ino: number, size: number, mtimeMs: number, ctimeMs: number];
	readonly digest: Digest;
}

const stampLength = 5;
const digestLength = 'sha256:'.length + 64;
const nothing: Columns = {version: 1, paths: '', digests: '', stamps: new Float64Array()};

/** Digests of files by their paths and stamps, in a file of the store. */
export class RememberedDigests {
	#columns: Columns;
	readonly #learnt = new Map<RawPath, Learnt>();
	/** Rows that were found with other stamps. */
	readonly #stale = new Map<RawPath, number>();
	/** Walks have an order: the row after the last one that was found is mostly the next one. */
	#nextRow = 0;
	#nextPath = 0;
	/** Made when that fails for the first time. */
	#rows: Map<string, number> | undefined;

	constructor(path: string | undefined) {
		this.#columns = (path === undefined ? undefined : readSealedColumns<Columns>(path, 1)) ?? nothing;
	}

	/** The digest of a file whose stamp is the same as then. */
	find(entry: SelectedEntry): Digest | undefined {
		const learnt = this.#learnt.get(entry.source);
		if (learnt !== undefined) return isStampOf(entry, learnt.stamp, 0) ? learnt.digest : undefined;
		const row = this.#rowOf(entry.source);
		if (row === undefined) return undefined;
		if (!isStampOf(entry, this.#columns.stamps, row * stampLength)) {
			this.#stale.set(entry.source, row);
			return undefined;
		}
		return this.#columns.digests.slice(row * digestLength, (row + 1) * digestLength) as Digest;
	}

	/** Of all files that were written. */
	sources(): RawPath[] {
		return this.#columns.paths.split('\0').slice(0, -1) as RawPath[];
	}

	/** `isSettled`: the stamp tells from now on whether the file has changed. */
	learn({source, size, stamp: {dev, ino, mtimeMs, ctimeMs}}: SelectedEntry, digest: Digest, isSettled: boolean): void {
		if (!isSettled && !this.#learnt.has(source) && this.#rowOf(source) === undefined) return;
		this.#learnt.set(source, {stamp: [dev, ino, isSettled ? size : -1, mtimeMs, ctimeMs], digest});
	}

	/** Writes all that is known when there is something new. */
	save(path: string): void {
		if (this.#learnt.size === 0) return;
		const added = [...this.#learnt].filter(([source]) => this.#rowOf(source) === undefined);
		const count = this.#columns.stamps.length / stampLength;
		const stamps = new Float64Array((count + added.length) * stampLength);
		stamps.set(this.#columns.stamps);
		for (const [at, [, {stamp}]] of added.entries()) stamps.set(stamp, (count + at) * stampLength);
		const changed = [...this.#learnt].flatMap(([source, {stamp, digest}]) => {
			const row = this.#rowOf(source);
			return row === undefined ? [] : [{row, stamp, digest}];
		});
		for (const {row, stamp} of changed) stamps.set(stamp, row * stampLength);
		this.#columns = {
			version: 1,
			paths: this.#columns.paths + added.map(([source]) => `${source}\0`).join(''),
			digests: replaced(this.#columns.digests, changed) + added.map(([, {digest}]) => digest).join(''),
			stamps,
		};
		this.#learnt.clear();
		this.#stale.clear();
		this.#rows = undefined;
		this.#nextRow = this.#nextPath = 0;
		writeSealedColumns(path, this.#columns);
	}

	#rowOf(source: RawPath): number | undefined {
		const {paths} = this.#columns;
		const stale = this.#stale.get(source);
		if (paths === '' || stale !== undefined) return stale;
		const end = this.#nextPath + source.length;
		if (paths.charCodeAt(end) !== 0 || !paths.startsWith(source, this.#nextPath)) return this.#search(source);
		this.#nextPath = end + 1;
		this.#nextRow += 1;
		return this.#nextRow - 1;
	}

	#search(source: RawPath): number | undefined {
		const {paths} = this.#columns;
		this.#rows ??= new Map(
			paths
				.slice(0, -1)
				.split('\0')
				.map((path, row) => [path, row]),
		);
		return this.#rows.get(source);
	}
}

function isStampOf({size, stamp}: SelectedEntry, known: {readonly [at: number]: number}, at: number): boolean {
	const {dev, ino, mtimeMs, ctimeMs} = stamp;
	return known[at + 2] === size && known[at + 1] === ino && known[at + 3] === mtimeMs && known[at + 4] === ctimeMs && known[at] === dev;
}

function replaced(digests: string, changed: readonly {readonly row: number; readonly digest: Digest}[]): string {
	let text = '';
	let at = 0;
	for (const {row, digest} of changed.toSorted((a, b) => a.row - b.row)) {
		text += digests.slice(at, row * digestLength) + digest;
		at = (row + 1) * digestLength;
	}
	return text + digests.slice(at);
}
