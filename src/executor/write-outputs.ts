import type {Digest} from '../core/digest.ts';
import type {ExportSet} from '../exporters/exporter.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {AssembledImage} from './assemble-image.ts';
import type {BuildSession} from './build-session.ts';

export interface WrittenOutput {
	readonly spec: OutputSpec;
	/** Of the manifest or index in it; absent for a plain file system. */
	readonly digest?: Digest;
}

/** Writes every output that was asked for, one after the other. */
export async function writeOutputs(session: BuildSession, images: readonly AssembledImage[]): Promise<readonly WrittenOutput[]> {
	const {request, events, signal} = session;
	const {annotations, tags, platforms, epoch} = request;
	const set: ExportSet = {
		images: images.map(({config, layers}) => ({config, layers})),
		isIndex: platforms.length > 1,
		names: tags,
		annotations,
	};
	const written: WrittenOutput[] = [];
	for (const spec of request.outputs) {
		signal.throwIfAborted();
		events.exporting(describe(spec));
		const worker = await session.worker();
		const {digest} = (await worker.call('export', {set, spec, epoch: epoch.seconds})) as {readonly digest?: Digest};
		written.push({spec, ...(digest === undefined ? {} : {digest})});
	}
	return written;
}

function describe({type, destination}: OutputSpec): string {
	return `${type} to ${destination === '-' ? 'standard output' : destination}`;
}
