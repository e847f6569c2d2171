import {createHash, type Hash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {sha256} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import type {TreeEntry} from '../core/tree-entry.ts';
import {copySourceChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {TarEntry} from '../tar/entry.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';
import type {FileContent, PlannedLayer} from './copy-layer.ts';

/** Large enough that system calls cost nothing, small enough for the caches of a processor. */
const chunkSize = 1 << 20;

/**
 * Writes the tar of a layer that was planned; every chunk is the writer's until `write` returns. Reads each file once. Throws BuildError when one is
 * not there any more, has another size, or another content than its digest says.
 */
export function writePlannedTar({index, contents}: Pick<PlannedLayer, 'index' | 'contents'>, write: (chunk: Uint8Array) => void): void {
	const out = new ChunkWriter(write);
	for (const [at, entry] of index.entries()) {
		out.put(encodeEntry(entry));
		const content = contents[at];
		if (entry.size === 0 || content === undefined) continue;
		if (Buffer.isBuffer(content)) out.put(content);
		else copyFile(out, entry, content);
		out.zeros(paddingOf(entry.size));
	}
	out.put(endOfArchive);
	out.flush();
}

/** Collects bytes in one buffer. */
class ChunkWriter {
	readonly buffer = Buffer.allocUnsafeSlow(chunkSize);
	used = 0;
	readonly #write: (chunk: Uint8Array) => void;

	constructor(write: (chunk: Uint8Array) => void) {
		this.#write = write;
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
		this.used = 0;
	}
}

function copyFile(out: ChunkWriter, {size}: TarEntry, {root, source}: Exclude<FileContent, Buffer>): void {
	// Room for one byte more shows at once that a file has grown.
	if (size < chunkSize && out.room <= size) out.flush();
	const fd = openSource(root.at(source.source), source);
	try {
		const start = out.used;
		const got = readSync(fd, out.buffer, start, Math.min(size + 1, out.room), null);
		if (got !== size) copyLarge(out, fd, {size, source, got});
		else {
			if (source.digest !== undefined && sha256(out.buffer.subarray(start, start + size)) !== source.digest) throw changed(source);
			out.took(size);
		}
	} finally {
		closeSync(fd);
	}
}

/** What one call has not read, or more than there should be. */
function copyLarge(out: ChunkWriter, fd: number, {size, source, got: first}: {size: number; source: TreeEntry; got: number}): void {
	const hash = source.digest === undefined ? undefined : createHash('sha256');
	let left = size;
	for (let got = first; ; got = readSync(fd, out.buffer, out.used, Math.min(left + 1, out.room), null)) {
		if (got === 0) break;
		left -= got;
		if (left < 0) throw changed(source);
		hash?.update(out.buffer.subarray(out.used, out.used + got));
		out.took(got);
	}
	if (left > 0 || differs(hash, source)) throw changed(source);
}

function differs(hash: Hash | undefined, source: TreeEntry): boolean {
	return hash !== undefined && `sha256:${hash.digest('hex')}` !== source.digest;
}

function openSource(path: Buffer, source: TreeEntry): number {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		throw new BuildError(copySourceChanged(textOf(source.source)), {cause: error});
	}
}

function changed(source: TreeEntry): BuildError {
	return new BuildError(copySourceChanged(textOf(source.source)));
}
