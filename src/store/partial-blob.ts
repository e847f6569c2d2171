import {createHash} from 'node:crypto';
import {
	closeSync,
	constants,
	createReadStream,
	fstatSync,
	fsyncSync,
	ftruncateSync,
	openSync,
	renameSync,
	rmSync,
	statSync,
	writeSync,
} from 'node:fs';
import {dirname} from 'node:path';
import {type Digest, hexOf} from '../core/digest.ts';
import {syncDirectory} from '../host/atomic-file.ts';
import type {BlobName} from './blob-store.ts';
import {assertSameBlob, type BlobWriter} from './blob-writer.ts';
import type {Store} from './open-store.ts';
import {inStore} from './store-error.ts';

/** A blob on its way into the store whose beginning outlives the process: whoever opens it next goes on. `abort` deletes it. */
export interface PartialBlob extends BlobWriter {
	/** Bytes that an earlier writer brought. Only `finish` tells whether they are right. */
	readonly offset: number;
	/** Ends the writing and leaves what is there; does nothing after `finish` or `abort`. */
	keep(): void;
}

/** Where it stands: by its name a left-over, which prune deletes when nobody has written to it for a while. */
export function partialPath(store: Pick<Store, 'blobs'>, digest: Digest): string {
	return `${dirname(store.blobs.path(digest))}/.tmp-partial-${hexOf(digest)}`;
}

/** Undefined while somebody else writes it. The lock is the kernel's: it ends with the process, however that ends. */
export async function openPartialBlob(store: Pick<Store, 'blobs' | 'directory'>, expected: BlobName): Promise<PartialBlob | undefined> {
	const path = partialPath(store, expected.digest);
	const fd = await openLocked(store.directory, path);
	if (fd === undefined) return undefined;
	let isOpen = true;
	const close = (): void => {
		isOpen = false;
		closeSync(fd);
	};
	const abort = (): void => {
		if (!isOpen) return;
		// Still locked: nobody else can have begun another one under this name.
		rmSync(path, {force: true});
		close();
	};
	try {
		const hash = createHash('sha256');
		const offset = await inherit(fd, expected, hash);
		let size = offset;
		return {
			path,
			offset,
			write(chunk) {
				size += chunk.length;
				if (size > expected.size) assertSameBlob({digest: expected.digest, size}, expected);
				hash.update(chunk);
				inStore(store.directory, () => writeAt(fd, chunk, size - chunk.length));
			},
			finish() {
				try {
					assertSameBlob({digest: `sha256:${hash.digest('hex')}` as Digest, size}, expected);
					inStore(store.directory, () => {
						fsyncSync(fd);
						renameSync(path, store.blobs.path(expected.digest));
						syncDirectory(dirname(path));
					});
				} catch (error) {
					abort();
					throw error;
				}
				close();
				return expected;
			},
			keep: () => (isOpen ? close() : undefined),
			abort,
		};
	} catch (error) {
		abort();
		throw error;
	}
}

async function openLocked(directory: string, path: string): Promise<number | undefined> {
	const {lockDescriptor} = await import('../host/lock.ts');
	for (;;) {
		const fd = inStore(directory, () => openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644));
		let isOurs = false;
		try {
			if (!lockDescriptor(fd, path)) return undefined;
			// Who had the lock may have renamed or deleted the file meanwhile.
			isOurs = statSync(path, {throwIfNoEntry: false})?.ino === fstatSync(fd).ino;
		} finally {
			if (!isOurs) closeSync(fd);
		}
		if (isOurs) return fd;
	}
}

/** Takes over what is there; more than the blob can have is none of it. */
async function inherit(fd: number, expected: BlobName, hash: {update(chunk: Uint8Array): unknown}): Promise<number> {
	const {size} = fstatSync(fd);
	if (size > expected.size) {
		ftruncateSync(fd, 0);
		return 0;
	}
	if (size === 0) return 0;
	const content = createReadStream('', {fd, autoClose: false, start: 0, end: size - 1, highWaterMark: 1 << 20});
	for await (const chunk of content as AsyncIterable<Buffer>) hash.update(chunk);
	return size;
}

function writeAt(fd: number, bytes: Uint8Array, position: number): void {
	for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}
