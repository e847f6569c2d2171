import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {type Digest, sha256} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import type {TreeEntry} from '../core/tree-entry.ts';
import {copySourceChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';
import type {FileContent, PlannedLayer} from './copy-layer.ts';

/** Large enough that system calls cost nothing, small enough for the caches of a processor. */
const chunkSize = 1 << 20;

/** Takes the digest of one file. */
export interface ContentHash {
	update(bytes: Uint8Array): unknown;
	/** After the last byte; everything was given to `write` before. */
	digest(): Digest;
}

/** Who takes the digest of a file of `size` bytes whose content begins at a byte of the tar; undefined for the caller itself. */
export type HashFor = (start: number, size: number) => ContentHash | undefined;

/**
 * Writes the tar of a layer that was planned; every chunk is the writer's until `write` returns. Reads each file once; entries
 * without a digest get one. Returns where the first header block of each entry is. Throws BuildError when a file is not there any more, has another size, or another content than its digest says.
 */
export function writePlannedTar(
	{index, contents}: Pick<PlannedLayer, 'index' | 'contents'>,
	write: (chunk: Uint8Array) => void,
	hashFor: HashFor = () => undefined,
): Float64Array {
	const out = new ChunkWriter(write);
	const starts = new Float64Array(index.length);
	for (const [at, entry] of index.entries()) {
		starts[at] = out.offset;
		out.put(encodeEntry(entry));
		const content = contents[at];
		if (content === undefined) continue;
		if (Buffer.isBuffer(content)) out.put(content);
		// An empty file is opened only to see whether it can be.
		else if (entry.size === 0 && content.source.digest !== undefined) continue;
		else copyFile(out, entry, content, hashFor);
		out.zeros(paddingOf(entry.size));
	}
	out.put(endOfArchive);
	out.flush();
	return starts;
}

/** The content of a file in pieces that are the receiver's. Throws as `writePlannedTar` does. */
export function* contentChunks(root: string, source: TreeEntry): Generator<Uint8Array> {
	const paths = new TreePaths(root);
	try {
		const fd = openSource(paths.at(source.source), source);
		try {
			const check = new ContentCheck(source);
			for (let got = -1; got !== 0;) {
				const piece = Buffer.allocUnsafeSlow(Math.min(check.left + 1, chunkSize));
				got = readSome(fd, source, piece, {at: 0, length: piece.length});
				check.take(piece.subarray(0, got));
				if (got > 0) yield piece.subarray(0, got);
			}
			check.end();
		} finally {
			closeSync(fd);
		}
	} finally {
		paths.close();
	}
}

/** Collects bytes in one buffer. */
class ChunkWriter {
	readonly buffer = Buffer.allocUnsafeSlow(chunkSize);
	used = 0;
	#written = 0;
	readonly #write: (chunk: Uint8Array) => void;

	constructor(write: (chunk: Uint8Array) => void) {
		this.#write = write;
	}

	/** Bytes so far. */
	get offset(): number {
		return this.#written + this.used;
	}

	get room(): number {
		return chunkSize - this.used;
	}

	put(bytes: Buffer): void {
		for (let done = 0; done < bytes.length;) {
			const copied = bytes.copy(this.buffer, this.used, done);
			done += copied;
			this.took(copied);
		}
	}

	zeros(length: number): void {
		for (let left = length; left > 0;) {
			const part = Math.min(left, this.room);
			this.buffer.fill(0, this.used, this.used + part);
			left -= part;
			this.took(part);
		}
	}

	/** So many bytes were put behind the used ones. */
	took(length: number): void {
		this.used += length;
		if (this.used === chunkSize) this.flush();
	}

	flush(): void {
		if (this.used > 0) this.#write(this.buffer.subarray(0, this.used));
		this.#written += this.used;
		this.used = 0;
	}
}

function copyFile(out: ChunkWriter, {size}: TarEntry, {root, source}: Exclude<FileContent, Buffer>, hashFor: HashFor): void {
	// Room for one byte more shows at once that a file has grown.
	if (size < chunkSize && out.room <= size) out.flush();
	const fd = openSource(root.at(source.source), source);
	try {
		const start = out.used;
		const got = readSome(fd, source, out.buffer, {at: start, length: Math.min(size + 1, out.room)});
		if (got !== size) copyLarge(out, fd, {source, got, hash: hashFor(out.offset, size)});
		else {
			const digest = sha256(out.buffer.subarray(start, start + size));
			if (digest !== (source.digest ??= digest)) throw changed(source);
			out.took(size);
		}
	} finally {
		closeSync(fd);
	}
}

/** What one call has not read, or more than there should be. */
function copyLarge(
	out: ChunkWriter,
	fd: number,
	{source, got: first, hash}: {readonly source: TreeEntry; readonly got: number; readonly hash: ContentHash | undefined},
): void {
	const check = new ContentCheck(source, hash);
	for (let got = first; got > 0;) {
		check.take(out.buffer.subarray(out.used, out.used + got));
		out.took(got);
		got = readSome(fd, source, out.buffer, {at: out.used, length: Math.min(check.left + 1, out.room)});
	}
	if (hash !== undefined) out.flush();
	check.end();
}

/** Compares what is read of a file with what was selected. */
class ContentCheck {
	/** Bytes that are still to come. */
	left: number;
	readonly #source: TreeEntry;
	readonly #hash: ContentHash;

	constructor(source: TreeEntry, hash = ownHash()) {
		this.left = source.size;
		this.#source = source;
		this.#hash = hash;
	}

	take(bytes: Buffer): void {
		this.left -= bytes.length;
		if (this.left < 0) throw changed(this.#source);
		this.#hash.update(bytes);
	}

	end(): void {
		if (this.left > 0) throw changed(this.#source);
		const digest = this.#hash.digest();
		if (digest !== (this.#source.digest ??= digest)) throw changed(this.#source);
	}
}

function ownHash(): ContentHash {
	const hash = createHash('sha256');
	return {update: (bytes) => hash.update(bytes), digest: () => `sha256:${hash.digest('hex')}` as Digest};
}

function openSource(path: Buffer, source: TreeEntry): number {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		throw changed(source, error);
	}
}

/** What stands there now may be a directory. */
function readSome(fd: number, source: TreeEntry, to: Buffer, {at, length}: {readonly at: number; readonly length: number}): number {
	try {
		return readSync(fd, to, at, length, null);
	} catch (error) {
		throw changed(source, error);
	}
}

function changed(source: TreeEntry, cause?: unknown): BuildError {
	return new BuildError(copySourceChanged(textOf(source.source)), {cause});
}
