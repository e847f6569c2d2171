import type {Digest} from '../core/digest.ts';
import type {ExportImage, ExportSet} from '../exporters/exporter.ts';
import {placesOf} from '../exporters/tree-places.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {AssembledImage} from './assemble-image.ts';
import type {Attest, WantedAttestation} from './attestations.ts';
import type {BuildSession} from './build-session.ts';
import type {WorkerClient} from './worker-client.ts';

/** The image of one platform, and what says what was asked for of it. */
export interface BuiltImage {
	readonly image: AssembledImage;
	readonly attest?: Attest;
}

export interface WrittenOutput {
	readonly spec: OutputSpec;
	/** Of the manifest or index in it; absent for a plain file system. */
	readonly digest?: Digest;
}

/** What an output does with attestations: it asks for those of an image, and has them written to their files. */
export interface Attesting {
	readonly of: (image: ExportImage) => Attest | undefined;
	readonly noted: (image: ExportImage, attestations: readonly WantedAttestation[]) => void;
}

/** Writes every output that was asked for, one after the other, and then the files of attestations: they tell of the first image that was written. */
export async function writeOutputs(session: BuildSession, built: readonly BuiltImage[]): Promise<readonly WrittenOutput[]> {
	const {request, events, signal} = session;
	const {annotations, tags, platforms} = request;
	const images = built.map(({image: {config, layers}}): ExportImage => ({config, layers}));
	const set: ExportSet = {images, isIndex: platforms.length > 1, names: tags, annotations};
	const said = new Map<ExportImage, readonly WantedAttestation[]>();
	const attesting: Attesting = {
		of: (image) => built[images.indexOf(image)]?.attest,
		noted: (image, attestations) => void (said.has(image) || said.set(image, attestations)),
	};
	const written: WrittenOutput[] = [];
	for (const spec of request.outputs) {
		signal.throwIfAborted();
		events.exporting(describe(spec, tags));
		const digest = await write(set, spec, {session, attesting});
		written.push({spec, ...(digest === undefined ? {} : {digest})});
	}
	for (const {image, name} of placesOf(set)) {
		const {attest, image: stored} = built[images.indexOf(image)] ?? {};
		if (attest === undefined || stored === undefined) continue;
		const {writeAttestations} = await import('./attestation-files.ts');
		await writeAttestations(said.get(image) ?? (await attest(stored.manifest)), name);
	}
	return written;
}

async function write(
	set: ExportSet,
	spec: OutputSpec,
	{session, attesting}: {readonly session: BuildSession; readonly attesting: Attesting},
): Promise<Digest | undefined> {
	const {request, store, remote, events} = session;
	const worker = (): Promise<WorkerClient> => session.worker();
	if (spec.type === 'registry') {
		const {pushImages} = await import('./push-images.ts');
		return pushImages(set, spec, {store, remote, worker, attesting, progressed: (transfer) => events.transferred(transfer)});
	}
	const complete = spec.type === 'oci' ? await withReferrers(set, spec, {session, attesting}) : set;
	const reply = await (await worker()).call('export', {set: complete, spec, epoch: request.epoch.seconds});
	return (reply as {readonly digest?: Digest}).digest;
}

/** The set with what is said of the manifests that it gets in this output. */
async function withReferrers(
	set: ExportSet,
	spec: OutputSpec,
	{session, attesting}: {readonly session: BuildSession; readonly attesting: Attesting},
): Promise<ExportSet> {
	if (set.images.every((image) => attesting.of(image) === undefined)) return set;
	const {attestSet} = await import('./attest-set.ts');
	return attestSet(set, spec, {store: session.store, worker: await session.worker(), attesting});
}

function describe({type, destination, names}: OutputSpec, tags: readonly string[]): string {
	if (type === 'registry') return `${(names.length === 0 ? tags : names).join(', ')} to its registry`;
	return `${type} to ${destination === '-' ? 'standard output' : destination}`;
}
