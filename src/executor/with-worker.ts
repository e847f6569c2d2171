import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {openStore} from '../store/open-store.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {DriverName} from '../rootfs/driver.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {Remote, type RemoteRequest} from './remote.ts';
import {startWorker, type WorkerClient, type WorkerSurroundings} from './worker-client.ts';
import type {StartReply} from './worker/protocol.ts';

export interface WorkerOptions {
	readonly store: string;
	readonly ids: IdModeName | 'auto';
	readonly driver: DriverName | 'auto';
	/** What brings blobs; or else registries do, if they are given. */
	readonly bring?: WorkerSurroundings['bring'];
	readonly registries?: RegistryAccess;
	/** Ends the worker, and with it the work; registries have one, too. */
	readonly signal?: AbortSignal;
}

/** Registries for a command that looks into images of the store. */
export interface RegistryAccess extends RemoteRequest {
	readonly signal: AbortSignal;
	readonly noted: (note: Diagnostic) => void;
}

export interface WorkerPlace {
	readonly reply: StartReply;
	/** Deleted when the work is done. */
	readonly directory: string;
}

/** A worker of a command that is no build. */
export interface OpenWorker extends WorkerPlace {
	readonly worker: WorkerClient;
	/** Leaves nothing behind. */
	close(): Promise<void>;
}

const unknown: WorkerSurroundings['bring'] = ({digest}, tell) => tell({digest, kind: 'unknown'});

export async function openWorker({store, ids, driver, bring, registries, signal = registries?.signal}: WorkerOptions): Promise<OpenWorker> {
	const opened = openStore(store);
	const live = await startLiveBuild(store);
	const {directory} = live;
	const closing: (() => Promise<void>)[] = [];
	const remote = registries === undefined ? undefined : new Remote(registries, {...registries, store: opened, progressed: () => {}});
	const close = async (): Promise<void> => {
		try {
			// First: what still comes in is unpacked into the directory that goes.
			await remote?.close();
			for (const step of closing) await step();
		} finally {
			live.release();
		}
	};
	try {
		const worker = await startWorker(store, ids, {
			bring: bring ?? remote?.downloads.bring.bind(remote.downloads) ?? unknown,
			session: {store, directory, driver},
		});
		const stop = (): void => void worker.close();
		signal?.addEventListener('abort', stop, {once: true});
		closing.push(async () => {
			signal?.removeEventListener('abort', stop);
			await worker.close();
		});
		signal?.throwIfAborted();
		const reply = await worker.started;
		// A worker that is gone cannot: then the next command does it.
		closing.unshift(() =>
			worker.call('remove', {paths: [directory]}).then(
				() => {},
				() => {},
			),
		);
		return {worker, reply, directory, close};
	} catch (error) {
		await close();
		throw error;
	}
}

/** Runs something with a worker, and leaves nothing behind. */
export async function withWorker<T>(options: WorkerOptions, work: (worker: WorkerClient, about: WorkerPlace) => Promise<T>): Promise<T> {
	const {worker, close, ...about} = await openWorker(options);
	try {
		return await work(worker, about);
	} finally {
		await close();
	}
}
