import {closeSync, createReadStream, openSync, readSync} from 'node:fs';
import type {DiffId} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {Store} from '../store/open-store.ts';
import {encodeEntry, paddingOf} from '../tar/write-entry.ts';

/**
 * The content of a regular file of a layer that the store has as an uncompressed tar alone; undefined when it has to be found in another way: the
 * layer is a directory, or is compressed, or its tar is not the one that this program makes of its index.
 */
export function fileInTar(store: Store, diffId: DiffId, path: RawPath): AsyncIterable<Uint8Array> | undefined {
	const layer = store.layers.get(diffId);
	if (layer?.blob === undefined || layer.directory !== undefined || (layer.blob.digest as string) !== diffId) return undefined;
	const tar = store.blobs.path(layer.blob.digest);
	let at = 0;
	for (const entry of store.layers.readIndex(diffId) ?? []) {
		const head = encodeEntry(entry);
		const {size} = entry;
		if (entry.path !== path) at += head.length + size + paddingOf(size);
		else if (entry.type !== 'file' || !holds(tar, head, at)) return undefined;
		else
			return size === 0
				? none()
				: createReadStream(tar, {start: at + head.length, end: at + head.length + size - 1, highWaterMark: 1 << 20});
	}
	return undefined;
}

function holds(file: string, bytes: Buffer, at: number): boolean {
	const fd = openSync(file, 'r');
	try {
		const found = Buffer.alloc(bytes.length);
		return readSync(fd, found, 0, found.length, at) === bytes.length && found.equals(bytes);
	} finally {
		closeSync(fd);
	}
}

async function* none(): AsyncGenerator<Uint8Array> {}
