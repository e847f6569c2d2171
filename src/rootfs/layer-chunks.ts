import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import type {DiffId} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import {layerFileChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../tar/write-entry.ts';

const chunkSize = 1 << 20;

/**
 * The layer's tar in chunks of up to 1 MiB (a chunk is the receiver's to keep). The same index and contents give the same bytes.
 * Throws BuildError when a file is not as large as the index says.
 */
export function* layerChunks(directory: string, index: readonly TarEntry[]): Generator<Uint8Array> {
	yield* chunks(directory, index, () => Buffer.allocUnsafeSlow(chunkSize));
}

/** Digest and size of the layer's tar. */
export function diffIdOf(directory: string, index: readonly TarEntry[]): {readonly diffId: DiffId; readonly size: number} {
	const hash = createHash('sha256');
	// The hash has read a chunk when `update` returns, so one buffer does for all.
	const buffer = Buffer.allocUnsafeSlow(chunkSize);
	let size = 0;
	for (const chunk of chunks(directory, index, () => buffer)) {
		hash.update(chunk);
		size += chunk.length;
	}
	return {diffId: `sha256:${hash.digest('hex')}` as DiffId, size};
}

function* chunks(directory: string, index: readonly TarEntry[], nextBuffer: () => Buffer): Generator<Uint8Array> {
	const paths = new TreePaths(directory);
	let buffer = nextBuffer();
	let used = 0;
	try {
		for (const entry of index) {
			const head = encodeEntry(entry);
			for (let done = 0; done < head.length;) {
				const copied = head.copy(buffer, used, done);
				done += copied;
				used += copied;
				if (used === chunkSize) {
					yield buffer;
					buffer = nextBuffer();
					used = 0;
				}
			}
			if (entry.type !== 'file' || entry.size === 0) continue;
			const fd = openContent(paths.at(entry.path), entry);
			try {
				for (let left = entry.size; left > 0;) {
					const wanted = Math.min(left, chunkSize - used);
					const room = Math.min(wanted + (wanted === left ? 1 : 0), chunkSize - used);
					const got = readSync(fd, buffer, used, room, null);
					if (got === 0 || got > left) throw changed(entry, got === 0 ? entry.size - left : entry.size + 1);
					left -= got;
					used += got;
					if (used === chunkSize) {
						yield buffer;
						buffer = nextBuffer();
						used = 0;
					}
				}
			} finally {
				closeSync(fd);
			}
			// Entries start at multiples of 512 and so does the buffer's end: padding always fits.
			const padding = paddingOf(entry.size);
			buffer.fill(0, used, used + padding);
			used += padding;
			if (used === chunkSize) {
				yield buffer;
				buffer = nextBuffer();
				used = 0;
			}
		}
		if (used > 0) yield buffer.subarray(0, used);
		yield Buffer.from(endOfArchive);
	} finally {
		paths.close();
	}
}

function openContent(path: Buffer, entry: TarEntry): number {
	try {
		return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		throw new BuildError(layerFileChanged(textOf(entry.path), entry.size, undefined), {cause: error});
	}
}

function changed(entry: TarEntry, found: number): BuildError {
	return new BuildError(layerFileChanged(textOf(entry.path), entry.size, found));
}
