import {openStore} from '../store/open-store.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {DriverName} from '../rootfs/driver.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {startWorker, type WorkerClient} from './worker-client.ts';
import type {StartReply} from './worker/protocol.ts';

export interface WorkerOptions {
	readonly store: string;
	readonly ids: IdModeName | 'auto';
	readonly driver: DriverName | 'auto';
	/** Ends the worker, and with it the work. */
	readonly signal?: AbortSignal;
}

export interface WorkerPlace {
	readonly reply: StartReply;
	/** Deleted when the work is done. */
	readonly directory: string;
}

/** Runs something with a worker for commands other than build, and leaves nothing behind. */
export async function withWorker<T>(options: WorkerOptions, work: (worker: WorkerClient, about: WorkerPlace) => Promise<T>): Promise<T> {
	openStore(options.store);
	const live = await startLiveBuild(options.store);
	try {
		const worker = await startWorker(options.store, options.ids, live.directory);
		const stop = (): void => void worker.close();
		options.signal?.addEventListener('abort', stop);
		try {
			options.signal?.throwIfAborted();
			const {store, driver} = options;
			const reply = await worker.call('start', {store, directory: live.directory, driver, canMount: worker.entry.kind !== 'none'});
			let result: T;
			try {
				result = await work(worker, {reply, directory: live.directory});
			} catch (error) {
				// A worker that is gone cannot: then the next command does it.
				await worker.call('remove', {paths: [live.directory]}).catch(() => {});
				throw error;
			}
			await worker.call('remove', {paths: [live.directory]});
			return result;
		} finally {
			options.signal?.removeEventListener('abort', stop);
			await worker.close();
		}
	} finally {
		live.release();
	}
}
