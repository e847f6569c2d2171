import type {Digest} from '../core/digest.ts';
import {rememberedFiles} from '../context/file-digests.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {rawOf} from '../core/raw-path.ts';
import {exportHostStage} from '../diagnostics/export-host.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Platform} from '../oci/image-config.ts';
import {openBuildStore, type Store} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import {assembleImage, type AssembledImage} from './assemble-image.ts';
import {assembleIndex} from './assemble-index.ts';
import {prepareAttestations} from './attestations.ts';
import {BuildContext} from './build-context.ts';
import type {BuildEvents} from './build-events.ts';
import type {BuildRequest} from './build-request.ts';
import {BuildSession} from './build-session.ts';
import {openContexts} from './context-tree.ts';
import {beginHeadStart, watchFiles} from './head-start.ts';
import {resolvePlan} from './resolve-plan.ts';
import {runPlan} from './run-plan.ts';
import {workerProgram} from './worker-program.ts';
import {type BuiltImage, writeOutputs, type WrittenOutput} from './write-outputs.ts';

export interface BuildResult {
	/** Of the manifest in the store, or of the index of several platforms. */
	readonly digest: Digest;
	/** One per platform, in the order they were asked for. */
	readonly images: readonly AssembledImage[];
	readonly tags: readonly string[];
	readonly outputs: readonly WrittenOutput[];
}

/** Builds the target for every platform and writes its outputs. Throws BuildError; whatever was finished before stays in the store. */
export async function build(request: BuildRequest, events: BuildEvents, signal: AbortSignal): Promise<BuildResult> {
	const store = openBuildStore(request.store);
	const session = new BuildSession(request, store, events, signal);
	try {
		// What is changed is likely to be copied: the worker starts while that is found out.
		if (request.noCache === true || beginHeadStart(store.directory, workerProgram()).isWanted) void session.prepareWorker();
		const built: BuiltImage[] = [];
		for (const platform of request.platforms)
			built.push(await buildPlatform(session, platform, built.length === request.platforms.length - 1));
		const images = built.map(({image}) => image);
		const target = targetOf(images, request, session);
		const outputs = await writeOutputs(session, built);
		await completeImages(images, session);
		for (const name of request.tags) await store.images.tag(name, target);
		watchFiles(store.directory, [...boxfileOf(request), ...rememberedFiles(request.context, store)], {isIdle: !session.isUsed});
		return {
			digest: target.digest,
			images: outputs.length === 0 ? images : images.map((image) => measured(image, store)),
			tags: request.tags,
			outputs,
		};
	} catch (error) {
		// What succeeded beside the failure is kept: its layers are hashed before the worker ends.
		if (!signal.aborted) await session.settle();
		throw diskError(error, request.store);
	} finally {
		await session.close();
	}
}

async function buildPlatform(session: BuildSession, platform: Platform, isLast: boolean): Promise<BuiltImage> {
	const {request, store, events} = session;
	const context = new BuildContext(session, platform);
	const {plan, bases} = await resolvePlan(context);
	const target = plan.stages[plan.target];
	if (target?.host === true) throw new BuildError(exportHostStage(target.name ?? String(target.index)));
	events.planned(plan, request.platforms.length > 1 ? platform : undefined);
	context.usePlan(plan);
	const results = await runPlan(context, {plan, bases, contextOf: openContexts(request, store)});
	results.findLast(({stack}) => stack.known === undefined)?.stack.hurry();
	await session.settle();
	const {attestations} = request;
	const isPlain = attestations.sbom === undefined && attestations.provenance === undefined;
	if (isLast && isPlain && request.outputs.length === 0) await session.release();
	const image = await assembleImage({plan, bases, results}, request, store);
	if (isPlain) return {image};
	const finished = {plan, bases, results, request, platform, facts: context.facts};
	return {image, attest: await prepareAttestations(attestations, image, {build: finished, session})};
}

function boxfileOf({boxfilePath}: BuildRequest): string[] {
	return boxfilePath === undefined ? [] : [rawOf(boxfilePath)];
}

/** Layers of bases that nothing has needed come now, so that the store has all of its images; what is only pushed is left where it is. */
async function completeImages(images: readonly AssembledImage[], {request, store, remote}: BuildSession): Promise<void> {
	if (request.outputs.length > 0 && request.outputs.every(({type}) => type === 'registry')) return;
	const blobs = images.flatMap(({layers}) =>
		layers.flatMap(({diffId, blob}) => (blob !== undefined && store.layers.get(diffId) === undefined ? [blob] : [])),
	);
	const missing = blobs.filter((blob) => !store.blobs.has(blob) && remote.downloads.knows(blob.digest));
	await Promise.all(missing.map((blob) => remote.downloads.fetch(blob)));
}

function targetOf(images: readonly AssembledImage[], request: BuildRequest, {store}: BuildSession): Descriptor {
	const [only] = images;
	return images.length === 1 && only !== undefined ? only.manifest : assembleIndex(images, request, store);
}

/** Layers of a base may have been unpacked for an output: their sizes are known now. */
function measured(image: AssembledImage, {layers}: Store): AssembledImage {
	return {...image, layers: image.layers.map((layer) => ({...layer, size: layers.get(layer.diffId)?.size ?? layer.size}))};
}
