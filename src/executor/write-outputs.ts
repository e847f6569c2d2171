import type {Digest} from '../core/digest.ts';
import type {ExportSet} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {AssembledImage} from './assemble-image.ts';
import type {BuildSession} from './build-session.ts';
import type {WorkerClient} from './worker-client.ts';

export interface WrittenOutput {
	readonly spec: OutputSpec;
	/** Of the manifest or index in it; absent for a plain file system. */
	readonly digest?: Digest;
}

/** Writes every output that was asked for, one after the other. */
export async function writeOutputs(session: BuildSession, images: readonly AssembledImage[]): Promise<readonly WrittenOutput[]> {
	const {request, events, signal} = session;
	const {annotations, tags, platforms} = request;
	const set: ExportSet = {
		images: images.map(({config, layers}) => ({config, layers})),
		isIndex: platforms.length > 1,
		names: tags,
		annotations,
	};
	const written: WrittenOutput[] = [];
	for (const spec of request.outputs) {
		signal.throwIfAborted();
		events.exporting(describe(spec, tags));
		const digest = await write(set, spec, session);
		written.push({spec, ...(digest === undefined ? {} : {digest})});
	}
	return written;
}

async function write(set: ExportSet, spec: OutputSpec, session: BuildSession): Promise<Digest | undefined> {
	const {request, store, remote, events} = session;
	const worker = (): Promise<WorkerClient> => session.worker();
	if (spec.type === 'registry') {
		const {pushImages} = await import('./push-images.ts');
		return pushImages(set, spec, {store, remote, worker, progressed: (transfer) => events.transferred(transfer)});
	}
	const reply = await (await worker()).call('export', {set, spec, epoch: request.epoch.seconds});
	return (reply as {readonly digest?: Digest}).digest;
}

function describe({type, destination, names}: OutputSpec, tags: readonly string[]): string {
	if (type === 'registry') return `${(names.length === 0 ? tags : names).join(', ')} to its registry`;
	return `${type} to ${destination === '-' ? 'standard output' : destination}`;
}
