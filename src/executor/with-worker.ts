import {openStore} from '../store/open-store.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {DriverName} from '../rootfs/driver.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {startWorker, type WorkerClient, type WorkerSurroundings} from './worker-client.ts';
import type {StartReply} from './worker/protocol.ts';

export interface WorkerOptions {
	readonly store: string;
	readonly ids: IdModeName | 'auto';
	readonly driver: DriverName | 'auto';
	readonly bring?: WorkerSurroundings['bring'];
}

const unknown: WorkerSurroundings['bring'] = ({digest}, tell) => tell({digest, kind: 'unknown'});

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
		const {bring = unknown} = options;
		const worker = await startWorker(options.store, options.ids, {directory: live.directory, bring});
		try {
			const {store, driver} = options;
			const {kind} = worker.entry;
			const start = {store, directory: live.directory, driver, canMount: kind !== 'none', ownUsers: kind === 'user'};
			const reply = await worker.call('start', start);
			const result = await work(worker, {reply, directory: live.directory});
			await worker.call('remove', {paths: [live.directory]});
			return result;
		} finally {
			await worker.close();
		}
	} finally {
		live.release();
	}
}
