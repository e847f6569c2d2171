import {createHash} from 'node:crypto';
import {closeSync, existsSync, fdatasync, fsyncSync, openSync, renameSync, rmSync, write} from 'node:fs';
import {dirname} from 'node:path';
import {promisify} from 'node:util';
import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeBlobDamaged} from '../diagnostics/store.ts';
import {syncDirectory, temporaryName, writeFully} from '../host/atomic-file.ts';
import type {BlobName} from './blob-store.ts';
import {inStore} from './store-error.ts';

/** One blob on its way into the store: `finish` makes it visible, everything else leaves nothing. */
export interface BlobWriter {
	/** Where the bytes are until `finish`; they may be read meanwhile, and are nobody's until they are verified. */
	readonly path: string;
	/** The bytes belong to the caller again when it returns. */
	write(chunk: Uint8Array): void;
	/** Syncs, renames and returns the name. */
	finish(): BlobName;
	/** Removes what was written; does nothing after `finish`. */
	abort(): void;
}

export interface AppendingWriter extends BlobWriter {
	/** As `write`, but the chunk is written while it is hashed: nothing else may be called before it resolves. */
	append(chunk: Uint8Array): Promise<void>;
}

/** Where blobs go. */
export interface BlobPlace {
	readonly store: string;
	readonly path: (digest: Digest) => string;
	/** Called for a blob that was not there. */
	readonly added: (digest: Digest) => void;
}

/**
 * With `expected`, other bytes are refused with store/blob-damaged, as soon as they are too many. `directory` is where the bytes are meanwhile: one
 * of the store's file system that is deleted when its build is over, however that ends.
 */
export function openBlobWriter({store, path, added}: BlobPlace, expected?: BlobName, directory = `${store}/blobs/sha256`): AppendingWriter {
	const temporary = temporaryName(`${directory}/x`);
	const fd = inStore(store, () => openSync(temporary, 'wx', 0o644));
	const hash = createHash('sha256');
	const sync = syncAhead(temporary);
	let size = 0;
	let isOpen = true;
	const abort = (): void => {
		if (!isOpen) return;
		isOpen = false;
		sync.end();
		closeSync(fd);
		rmSync(temporary, {force: true});
	};
	const orAbort = <T>(work: () => T): T => {
		try {
			return inStore(store, work);
		} catch (error) {
			abort();
			throw error;
		}
	};
	const count = (chunk: Uint8Array): void => {
		size += chunk.length;
		if (expected !== undefined && size > expected.size) assertSameBlob({digest: expected.digest, size}, expected);
	};
	return {
		path: temporary,
		write: (chunk) =>
			orAbort(() => {
				count(chunk);
				hash.update(chunk);
				writeFully(fd, chunk);
				sync.wrote(chunk.length);
			}),
		async append(chunk) {
			orAbort(() => count(chunk));
			const written = writeBeside(fd, chunk).catch((error: unknown) => () => {
				throw error;
			});
			hash.update(chunk);
			const failure = await written;
			orAbort(() => {
				failure?.();
				sync.wrote(chunk.length);
			});
		},
		finish: () =>
			orAbort(() => {
				const blob = {digest: `sha256:${hash.digest('hex')}` as Digest, size};
				if (expected !== undefined) assertSameBlob(blob, expected);
				fsyncSync(fd);
				const isNew = !existsSync(path(blob.digest));
				renameSync(temporary, path(blob.digest));
				isOpen = false;
				closeSync(fd);
				sync.end();
				syncDirectory(dirname(path(blob.digest)));
				if (isNew) added(blob.digest);
				return blob;
			}),
		abort,
	};
}

/** Bytes after which the disk is told to begin. */
const syncEvery = 32 << 20;

/**
 * Lets the disk write in a thread of libuv what is there while more comes, so that the sync at the end has less left: half as long for 230 MB. A descriptor of its own, which is closed when no such call is under way. What fails here, the last sync tells.
 */
function syncAhead(path: string): {wrote(bytes: number): void; end(): void} {
	let fd = -1;
	let waiting = 0;
	let running = 0;
	let isOver = false;
	const close = (): void => {
		if (fd !== -1 && running === 0 && isOver) closeSync(fd);
	};
	return {
		wrote(bytes) {
			waiting += bytes;
			if (waiting < syncEvery) return;
			waiting = 0;
			if (fd === -1) fd = openSync(path, 'r');
			running += 1;
			fdatasync(fd, () => {
				running -= 1;
				close();
			});
		},
		end() {
			isOver = true;
			close();
		},
	};
}

const writeLater = promisify(write);

/** In a thread of libuv. */
async function writeBeside(fd: number, bytes: Uint8Array): Promise<undefined> {
	for (let done = 0; done < bytes.length;) done += (await writeLater(fd, bytes, done)).bytesWritten;
}

/** Throws store/blob-damaged with both values when size or digest differ. */
export function assertSameBlob(found: BlobName, expected: BlobName): void {
	if (found.size !== expected.size) {
		const more = found.size > expected.size ? 'at least ' : '';
		throw new BuildError(storeBlobDamaged(expected.digest, `${expected.size} bytes`, `${more}${found.size} bytes`));
	}
	if (found.digest !== expected.digest) throw new BuildError(storeBlobDamaged(expected.digest, expected.digest, found.digest));
}
