import {ArchiveFault} from './archive-fault.ts';
import type {TarEntry} from './entry.ts';
import {readNumber} from './read-header.ts';
import type {ReadLimits} from './read-limits.ts';

/** Structurally the reader's sink, so that the two files need not know one another. */
interface Sink {
	data(chunk: Buffer): void;
	end(): void;
}

type Segment = readonly [offset: number, length: number];

/** Where the stored bytes belong; `map` is absent when the map stands in front of the data (PAX 1.0). */
export interface SparseLayout {
	readonly map?: readonly Segment[];
}

const zeros = Buffer.alloc(65536);

/** The entry with its real size and the layout of its data when it is sparse: GNU's old format (header blocks given) or PAX 0.1 and 1.0. */
export function applySparse(
	entry: TarEntry,
	blocks: readonly Buffer[],
	pax: ReadonlyMap<string, string>,
): {readonly entry: TarEntry; readonly layout?: SparseLayout} {
	const [first, ...more] = blocks;
	if (first !== undefined) {
		const map = [...segments(first, 386, 4), ...more.flatMap((block) => segments(block, 0, 21))];
		const real = {...entry, size: readNumber(first, 483, 12)};
		return {entry: real, layout: {map: checkedMap(map, real)}};
	}
	const isNew = pax.get('GNU.sparse.major') === '1' && pax.get('GNU.sparse.minor') === '0';
	const text = pax.get('GNU.sparse.map');
	if (!isNew && text === undefined) {
		if ([...pax.keys()].some((key) => key.startsWith('GNU.sparse.'))) throw new ArchiveFault('sparse', {entry: entry.path});
		return {entry};
	}
	const size = Number(pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size'));
	if (!Number.isSafeInteger(size) || size < 0 || entry.type !== 'file') throw new ArchiveFault('sparse', {entry: entry.path});
	const real = {...entry, size};
	return {entry: real, layout: isNew ? {} : {map: checkedMap(pairs((text ?? '').split(',').map(Number)), real)}};
}

/** Passes a sparse file on as plain bytes. */
export class SparseSink {
	readonly #sink: Sink;
	readonly #entry: TarEntry;
	readonly #limit: number;
	#map: readonly Segment[] | undefined;
	#header = '';
	#segment = 0;
	/** Bytes of the current segment that were passed on. */
	#used = 0;
	#at = 0;

	constructor(sink: Sink, entry: TarEntry, layout: SparseLayout, limits: ReadLimits) {
		this.#sink = sink;
		this.#entry = entry;
		this.#map = layout.map;
		this.#limit = limits.headerBytes;
	}

	data(chunk: Buffer): void {
		let rest = this.#map === undefined ? this.#readMap(chunk) : chunk;
		while (rest.length > 0) {
			const segment = this.#map?.[this.#segment];
			// Padding behind the last segment.
			if (segment === undefined) return;
			this.#fill(segment[0]);
			const piece = rest.subarray(0, segment[1] - this.#used);
			if (piece.length > 0) this.#sink.data(piece);
			rest = rest.subarray(piece.length);
			this.#at += piece.length;
			this.#used += piece.length;
			if (this.#used < segment[1]) return;
			this.#segment += 1;
			this.#used = 0;
		}
	}

	end(): void {
		const last = this.#map?.[this.#segment];
		if (this.#map === undefined || (last !== undefined && last[1] > 0)) throw new ArchiveFault('sparse', {entry: this.#entry.path});
		this.#fill(this.#entry.size);
		this.#sink.end();
	}

	#fill(to: number): void {
		while (this.#at < to && this.#used === 0) {
			const piece = zeros.subarray(0, Math.min(zeros.length, to - this.#at));
			this.#sink.data(piece);
			this.#at += piece.length;
		}
	}

	/** PAX 1.0: decimal numbers on lines of their own (count, then offset and length of each), padded to a block. */
	#readMap(chunk: Buffer): Buffer {
		const before = this.#header.length;
		this.#header += chunk.toString('latin1');
		if (this.#header.length > this.#limit + chunk.length) throw new ArchiveFault('sparse', {entry: this.#entry.path});
		const count = Number(this.#header.slice(0, this.#header.indexOf('\n')));
		const lines = this.#header.split('\n', 2 * count + 2);
		if (!Number.isSafeInteger(count) || count < 0) throw new ArchiveFault('sparse', {entry: this.#entry.path});
		if (!this.#header.includes('\n') || lines.length < 2 * count + 2) return Buffer.alloc(0);
		const used = lines.slice(0, -1).join('\n').length + 1;
		const end = Math.ceil(used / 512) * 512;
		if (this.#header.length < end) return Buffer.alloc(0);
		this.#map = checkedMap(pairs(lines.slice(1, -1).map(Number)), this.#entry);
		return chunk.subarray(end - before);
	}
}

function segments(block: Buffer, at: number, count: number): Segment[] {
	const found: Segment[] = [];
	for (let index = 0; index < count; index++) {
		const start = at + index * 24;
		// An unused slot is all zeros.
		if (block[start] !== 0) found.push([readNumber(block, start, 12), readNumber(block, start + 12, 12)]);
	}
	return found;
}

function pairs(numbers: readonly number[]): Segment[] {
	return Array.from({length: Math.ceil(numbers.length / 2)}, (_, index) => [numbers[2 * index] ?? -1, numbers[2 * index + 1] ?? -1]);
}

function checkedMap(map: readonly Segment[], entry: TarEntry): readonly Segment[] {
	let end = 0;
	for (const [offset, length] of map) {
		if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < end || length < 0 || offset + length > entry.size) {
			throw new ArchiveFault('sparse', {entry: entry.path});
		}
		end = offset + length;
	}
	return map;
}
