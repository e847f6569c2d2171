import {createHash} from 'node:crypto';
import {createReadStream, readFileSync, statSync, rmSync} from 'node:fs';
import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeBlobMissing} from '../diagnostics/store.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {errnoOf} from '../host/errno.ts';
import {type AppendingWriter, assertSameBlob, openBlobWriter} from './blob-writer.ts';
import {inStore} from './store-error.ts';

/** What a blob is known by. */
export interface BlobName {
	readonly digest: Digest;
	readonly size: number;
}

/** Content-addressed bytes under blobs/sha256. A file that is there is complete: every writer renames after fsync. */
export interface BlobStore {
	path(digest: Digest): string;
	/** True when the file is there with that size; content is verified by readers. */
	has(blob: BlobName): boolean;
	putBytes(bytes: Uint8Array | string): BlobName;
	/** `directory`: where the bytes are until they are complete, if not beside the blobs. */
	writer(expected?: BlobName, directory?: string): AppendingWriter;
	/** The same store; tells every blob that was not there before it was written. */
	watched(added: (digest: Digest) => void): BlobStore;
	/** Stores a stream. With `expected`, other bytes are refused with store/blob-damaged and nothing stays. */
	write(input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>, expected?: BlobName, directory?: string): Promise<BlobName>;
	/** All bytes, verified; for documents. */
	read(blob: BlobName): Buffer;
	/** Streams the bytes and throws at their end (or earlier) when digest or size differ. */
	open(blob: BlobName): AsyncIterable<Uint8Array>;
}

export function makeBlobStore(store: string, added: (digest: Digest) => void = () => {}): BlobStore {
	const path = (digest: Digest): string => `${store}/blobs/sha256/${hexOf(digest)}`;
	const has = (blob: BlobName): boolean => statSync(path(blob.digest), {throwIfNoEntry: false})?.size === blob.size;
	const writer = (expected?: BlobName, directory?: string): AppendingWriter => openBlobWriter({store, path, added}, expected, directory);
	return {
		path,
		has,
		writer,
		watched: (callback) => makeBlobStore(store, callback),
		putBytes(bytes) {
			const blob = {digest: sha256(bytes), size: Buffer.byteLength(bytes)};
			if (has(blob)) return blob;
			inStore(store, () => writeFileAtomic(path(blob.digest), bytes, {sync: true}));
			added(blob.digest);
			return blob;
		},
		async write(input, expected, directory) {
			const blob = writer(expected, directory);
			try {
				for await (const chunk of input) await blob.append(chunk);
				return blob.finish();
			} finally {
				blob.abort();
			}
		},
		read: (blob) => readBlob(path(blob.digest), blob),
		open: (blob) => openBlob(path(blob.digest), blob),
	};
}

function readBlob(path: string, blob: BlobName): Buffer {
	let bytes: Buffer;
	try {
		assertSameBlob({digest: blob.digest, size: statSync(path).size}, blob);
		bytes = readFileSync(path);
	} catch (error) {
		throw missing(error, blob.digest);
	}
	assertIntact(path, {digest: sha256(bytes), size: bytes.length}, blob);
	return bytes;
}

async function* openBlob(path: string, blob: BlobName): AsyncGenerator<Uint8Array> {
	const hash = createHash('sha256');
	let size = 0;
	try {
		for await (const chunk of createReadStream(path, {highWaterMark: 1 << 20}) as AsyncIterable<Buffer>) {
			size += chunk.length;
			if (size > blob.size) break;
			hash.update(chunk);
			yield chunk;
		}
	} catch (error) {
		throw missing(error, blob.digest);
	}
	assertIntact(path, {digest: `sha256:${hash.digest('hex')}` as Digest, size}, blob);
}

/** A file whose content is not what its name says is deleted: then the next build or import brings it again. */
function assertIntact(path: string, found: BlobName, blob: BlobName): void {
	if (found.size === blob.size && found.digest !== blob.digest) rmSync(path, {force: true});
	assertSameBlob(found, blob);
}

function missing(error: unknown, digest: Digest): unknown {
	return errnoOf(error) === 'ENOENT' ? new BuildError(storeBlobMissing(digest), {cause: error}) : error;
}
