import {ArchiveFault} from './archive-fault.ts';
import type {TarEntry} from './entry.ts';
import {entryOf} from './entry-of-header.ts';
import type {Extensions} from './entry-of-header.ts';
import {parsePax} from './pax.ts';
import {readHeader} from './read-header.ts';
import type {RawHeader} from './read-header.ts';
import type {ReadLimits} from './read-limits.ts';
import {usualLimits} from './read-limits.ts';
import {applySparse, SparseSink} from './sparse.ts';
import {paddingOf} from './write-entry.ts';

// Who does what: layers and ADD sources are read here, image archives with tar-stream (extract-archive.ts). tar-stream's extract cannot be made
// exact for layers: it decodes PAX values as UTF-8 (binary xattrs and names in other encodings are damaged before anyone sees them), leaves out
// PAX uid, gid and mtime and global records without local ones, reads on behind the two zero blocks, gives GNU's old sparse files without a type,
// takes what follows a directory of a size for headers, and gives each entry in another tick (50 000: 1.4 to 13 s of CPU, a parser like this 1).

/** Takes the content of a file; the chunk belongs to the caller again when `data` returns. */
export interface EntrySink {
	data(chunk: Buffer): void;
	end(): void;
}

/** Called for every entry in order; returns undefined to skip its content. */
export type VisitEntry = (entry: TarEntry) => EntrySink | undefined;

/**
 * Reads an uncompressed tar (v7, ustar, GNU, PAX) to its end and hands out cleaned entries: no leading `/`, no `.`; `..` is refused.
 * What follows the two zero blocks is read and ignored. Throws ArchiveFault for everything that breaks the format or a limit.
 */
export async function readEntries(input: AsyncIterable<Uint8Array>, visit: VisitEntry, limits: Partial<ReadLimits> = {}): Promise<void> {
	const reader = new EntryReader(visit, {...usualLimits, ...limits});
	for await (const chunk of input) reader.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
	reader.end();
}

/** What the bytes that come next are. */
type Part = 'header' | 'body' | 'extension' | 'sparse-map' | 'padding' | 'done';

class EntryReader {
	readonly #visit: VisitEntry;
	readonly #limits: ReadLimits;
	#part: Part = 'header';
	/** Bytes of the current part that are still to come. */
	#left = 512;
	#gathered: Buffer[] = [];
	#sink: EntrySink | undefined;
	#padding = 0;
	#header: RawHeader | undefined;
	#sparseHeader: Buffer[] = [];
	#global: ReadonlyMap<string, string> = new Map();
	#local: Extensions = {};
	#zeroBlocks = 0;
	#entries = 0;
	#contentBytes = 0;

	constructor(visit: VisitEntry, limits: ReadLimits) {
		this.#visit = visit;
		this.#limits = limits;
	}

	push(chunk: Buffer): void {
		let at = 0;
		while (at < chunk.length && this.#part !== 'done') {
			const piece = chunk.subarray(at, at + Math.min(this.#left, chunk.length - at));
			at += piece.length;
			this.#left -= piece.length;
			this.#take(piece);
		}
	}

	end(): void {
		if (this.#part === 'done') return;
		// Archives without the two zero blocks exist; one that ends between entries is whole.
		const isBetween = this.#part === 'header' && this.#left === 512 && this.#header === undefined;
		if (!isBetween || this.#local.pax !== undefined || this.#local.name !== undefined)
			throw new ArchiveFault('truncated', {entry: this.#header?.name});
		if (this.#entries === 0 && this.#zeroBlocks === 0) throw new ArchiveFault('truncated');
	}

	#take(piece: Buffer): void {
		if (this.#part === 'body') this.#sink?.data(piece);
		else if (this.#part !== 'padding') {
			if (this.#left === 0 && this.#gathered.length === 0) {
				this.#whole(piece);
				return;
			}
			this.#gathered.push(Buffer.from(piece));
		}
		if (this.#left > 0) return;
		if (this.#part === 'body') this.#endBody();
		else if (this.#part === 'padding') this.#next();
		else {
			const whole = Buffer.concat(this.#gathered);
			this.#gathered = [];
			this.#whole(whole);
		}
	}

	#whole(bytes: Buffer): void {
		if (this.#part === 'header') this.#takeHeader(bytes);
		else if (this.#part === 'sparse-map') this.#takeSparseMap(bytes);
		else this.#takeExtension(bytes);
	}

	#takeHeader(block: Buffer): void {
		const header = readHeader(block);
		if (header === undefined) {
			this.#left = 512;
			if (++this.#zeroBlocks === 2) this.#part = 'done';
			return;
		}
		this.#zeroBlocks = 0;
		if (header.size < 0) throw new ArchiveFault('header', {entry: header.name, detail: 'size'});
		this.#header = header;
		if ('xgLK'.includes(header.flag)) {
			if (header.size > this.#limits.headerBytes)
				throw new ArchiveFault('header-too-large', {entry: header.name, detail: `${header.size}`});
			this.#expect('extension', header.size, paddingOf(header.size));
		} else if (header.flag === 'S') {
			this.#sparseHeader = [Buffer.from(block)];
			if (block[482] === 0) this.#startEntry(header);
			else this.#expect('sparse-map', 512, 0);
		} else if (header.flag === 'V') this.#expect('body', header.size, paddingOf(header.size));
		else this.#startEntry(header);
	}

	#takeSparseMap(block: Buffer): void {
		this.#sparseHeader.push(Buffer.from(block));
		if (this.#sparseHeader.length * 512 > this.#limits.headerBytes) throw new ArchiveFault('header-too-large', {entry: this.#header?.name});
		if (block[504] !== 0) this.#expect('sparse-map', 512, 0);
		else if (this.#header !== undefined) this.#startEntry(this.#header);
	}

	#takeExtension(body: Buffer): void {
		const flag = this.#header?.flag;
		if (flag === 'L' || flag === 'K') {
			const nul = body.indexOf(0);
			const text = body.toString('latin1', 0, nul === -1 ? body.length : nul);
			this.#local = flag === 'L' ? {...this.#local, name: text} : {...this.#local, link: text};
		} else {
			const records = parsePax(body);
			if (records === undefined) throw new ArchiveFault('pax', {entry: this.#header?.name});
			if (flag === 'g') this.#global = new Map([...this.#global, ...records]);
			else this.#local = {...this.#local, pax: records};
		}
		this.#header = undefined;
		this.#expectPadding();
	}

	#startEntry(header: RawHeader): void {
		if (++this.#entries > this.#limits.entries) throw new ArchiveFault('too-many', {detail: `${this.#limits.entries}`});
		const made = entryOf(header, {...this.#local, global: this.#global}, this.#limits);
		const sparse = applySparse(made.entry, this.#sparseHeader, made.pax);
		this.#sparseHeader = [];
		this.#local = {};
		this.#contentBytes += sparse.entry.size;
		if (this.#contentBytes > this.#limits.contentBytes) {
			throw new ArchiveFault('too-large', {entry: made.entry.path, detail: `${this.#limits.contentBytes}`});
		}
		const sink = this.#visit(sparse.entry);
		this.#sink = sink === undefined || sparse.layout === undefined ? sink : new SparseSink(sink, sparse.entry, sparse.layout, this.#limits);
		this.#expect('body', made.stored, paddingOf(made.stored));
	}

	#expect(part: Part, size: number, padding: number): void {
		this.#part = part;
		this.#left = size;
		this.#padding = padding;
		if (size > 0) return;
		if (part === 'body') this.#endBody();
		else this.#whole(Buffer.alloc(0));
	}

	#endBody(): void {
		this.#sink?.end();
		this.#sink = undefined;
		this.#header = undefined;
		this.#expectPadding();
	}

	#expectPadding(): void {
		if (this.#padding === 0) this.#next();
		else {
			this.#part = 'padding';
			this.#left = this.#padding;
		}
	}

	#next(): void {
		this.#part = 'header';
		this.#left = 512;
	}
}
