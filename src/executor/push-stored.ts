import type {Digest} from '../core/digest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {ExportSet} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {Store} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import type {Transfer} from './build-events.ts';
import {pushImages} from './push-images.ts';
import {Remote, type RemoteRequest} from './remote.ts';
import {type OpenWorker, openWorker} from './with-worker.ts';
import type {WorkerClient} from './worker-client.ts';

export interface StoredPush {
	readonly set: ExportSet;
	readonly spec: OutputSpec;
	readonly remote: RemoteRequest;
	readonly signal: AbortSignal;
	readonly warned: (diagnostics: readonly Diagnostic[]) => void;
	readonly transferred: (transfer: Transfer) => void;
}

/** Puts images of the store into registries; a worker runs only when a layer has to be compressed. */
export async function pushStored(store: Store, request: StoredPush): Promise<Digest | undefined> {
	const {set, spec, signal, warned, transferred} = request;
	const remote = new Remote(request.remote, {store, signal, noted: (note) => warned([note]), progressed: transferred});
	let opened: Promise<OpenWorker> | undefined;
	const worker = async (): Promise<WorkerClient> => {
		const bring = remote.downloads.bring.bind(remote.downloads);
		opened ??= openWorker({store: store.directory, ids: 'auto', driver: 'auto', bring, signal});
		return (await opened).worker;
	};
	try {
		return await pushImages(set, spec, {store, remote, worker, progressed: transferred});
	} catch (error) {
		throw diskError(error, store.directory);
	} finally {
		await (await opened?.catch(() => {}))?.close();
		await remote.close();
	}
}
