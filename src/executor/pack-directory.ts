import {createReadStream, rmSync} from 'node:fs';
import {temporaryName} from '../host/atomic-file.ts';
import type {WorkerClient} from './worker-client.ts';

/** The tar of a directory of the host, owners as the namespace shows them. */
export async function* packDirectory(path: string, store: string, worker: WorkerClient): AsyncGenerator<Uint8Array> {
	const file = temporaryName(`${store}/run/packed`);
	try {
		await worker.call('pack', {directory: path, file});
		yield* createReadStream(file, {highWaterMark: 1 << 20}) as AsyncIterable<Buffer>;
	} finally {
		rmSync(file, {force: true});
	}
}
