import {setTimeout} from 'node:timers/promises';
import {BuildError} from '../diagnostics/build-error.ts';
import {registryWrongDigest} from '../diagnostics/registry.ts';
import {errnoOf} from '../host/errno.ts';
import type {BlobName} from '../store/blob-store.ts';
import type {BlobWriter} from '../store/blob-writer.ts';
import type {Store} from '../store/open-store.ts';
import {openPartialBlob, type PartialBlob} from '../store/partial-blob.ts';
import type {RegistryClient, Repository} from './registry-client.ts';
import {RegistryFailure} from './registry-failure.ts';

export interface DownloadOptions {
	readonly client: Pick<RegistryClient, 'blob'>;
	readonly store: Pick<Store, 'blobs' | 'directory'>;
	readonly signal: AbortSignal;
	/** Is told the file that will have all bytes, as far as they are right. */
	readonly started?: (path: string) => void;
	/** Is told how many bytes of the blob are there, also those that were there before. */
	readonly progressed?: (bytes: number) => void;
}

/** Bytes up to which a blob is rather had again than continued. */
const smallBlob = 1 << 20;
/** An inherited beginning may be wrong once, and a mirror may have lied once. */
const tries = 3;
const waitForOther = 200;

/**
 * Brings a blob of a registry into the store, verified. A download that broke, also one of a process that is gone, is continued; one that another process
 * is at is waited for. Throws registry/wrong-digest for other bytes, of which nothing stays.
 */
export async function downloadBlob(repository: Repository, blob: BlobName, options: DownloadOptions): Promise<void> {
	for (let left = tries - 1; ; left -= 1) {
		if (options.store.blobs.has(blob)) return;
		try {
			if (blob.size <= smallBlob) return await fill(options.store.blobs.writer(blob), 0, repository, blob, options);
			const partial = await waitForPartial(blob, options);
			return partial === undefined ? undefined : await fill(partial, partial.offset, repository, blob, options);
		} catch (error) {
			if (left === 0 || !(error instanceof DownloadAgain)) throw error instanceof DownloadAgain ? error.cause : error;
		}
	}
}

/** What is thrown when the same download may succeed; its cause is the error for people. */
class DownloadAgain extends Error {}

/** Undefined when somebody else has finished it. */
async function waitForPartial(blob: BlobName, {store, signal}: DownloadOptions): Promise<PartialBlob | undefined> {
	for (;;) {
		const partial = await openPartialBlob(store, blob);
		if (store.blobs.has(blob)) {
			partial?.abort();
			return undefined;
		}
		if (partial !== undefined) return partial;
		signal.throwIfAborted();
		await setTimeout(waitForOther);
	}
}

async function fill(
	writer: BlobWriter & Partial<PartialBlob>,
	offset: number,
	repository: Repository,
	blob: BlobName,
	{client, signal, started, progressed}: DownloadOptions,
): Promise<void> {
	let at = offset;
	started?.(writer.path);
	try {
		if (at > 0) progressed?.(at);
		for await (const chunk of client.blob(repository, blob, at)) {
			writer.write(chunk);
			at += chunk.length;
			progressed?.(at);
		}
		writer.finish();
	} catch (error) {
		const isWrong = error instanceof RegistryFailure && error.diagnostics[0]?.code === 'registry/wrong-digest';
		// What came so far is good for the next time, unless it is known to be wrong or the disk has no room for it.
		if (!isWrong && (signal.aborted || isAbort(error) || error instanceof RegistryFailure)) writer.keep?.();
		if (isWrong && error.isPassing) throw new DownloadAgain('a mirror lied', {cause: error});
		const found = error instanceof BuildError ? error.diagnostics[0] : undefined;
		if (found?.code === 'store/blob-damaged') {
			const name = `${repository.registry}/${repository.repository}@${blob.digest}`;
			const failure = new RegistryFailure(registryWrongDigest(name, String(found.data?.['expected']), String(found.data?.['found'])), {
				cause: error,
			});
			throw offset > 0 ? new DownloadAgain('the beginning was wrong', {cause: failure}) : failure;
		}
		// Prune takes a beginning that nobody has written to for long.
		if (found?.code === 'store/input-output' && errnoOf((error as Error).cause) === 'ENOENT')
			throw new DownloadAgain('the beginning is gone', {cause: error});
		throw error;
	} finally {
		writer.abort();
	}
}

/** The client was closed. */
function isAbort(error: unknown): boolean {
	return error instanceof Error && error.name === 'AbortError';
}
