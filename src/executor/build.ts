import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportHostStage} from '../diagnostics/export-host.ts';
import {openStore} from '../store/open-store.ts';
import {diskError} from '../store/store-error.ts';
import {assembleImage, type AssembledImage} from './assemble-image.ts';
import {BuildContext} from './build-context.ts';
import type {BuildEvents} from './build-events.ts';
import type {BuildRequest} from './build-request.ts';
import {openContexts} from './context-tree.ts';
import {resolvePlan} from './resolve-plan.ts';
import {runPlan} from './run-plan.ts';

export interface BuildResult {
	/** Of the manifest in the store. */
	readonly digest: Digest;
	/** Of the configuration: what Docker calls the image id. */
	readonly configDigest: Digest;
	readonly image: AssembledImage;
	readonly tags: readonly string[];
}

/** Builds the target and writes its outputs. Throws BuildError; whatever was finished before stays in the store. */
export async function build(request: BuildRequest, events: BuildEvents, signal: AbortSignal): Promise<BuildResult> {
	const store = openStore(request.store);
	const context = new BuildContext(request, store, events, signal);
	try {
		const {plan, bases} = await resolvePlan(context);
		const target = plan.stages[plan.target];
		if (target?.host === true) throw new BuildError(exportHostStage(target.name ?? String(target.index)));
		events.planned(plan);
		context.usePlan(plan);
		const results = await runPlan(context, {plan, bases, contextOf: openContexts(request, store)});
		const image = await assembleImage({plan, bases, results}, request, store);
		await context.settle();
		for (const spec of request.outputs) {
			signal.throwIfAborted();
			events.exporting(`${spec.type} to ${spec.destination === '-' ? 'standard output' : spec.destination}`);
			const worker = await context.worker();
			await worker.call('export', {
				image: {config: image.config, layers: image.layers, names: request.tags, annotations: request.annotations},
				spec,
				epoch: request.epoch.seconds,
				layers: image.references,
			});
		}
		for (const name of request.tags) await store.images.tag(name, image.manifest);
		return {digest: image.manifest.digest, configDigest: image.configDigest, image, tags: request.tags};
	} catch (error) {
		// What succeeded beside the failure is kept: its layers are hashed before the worker ends.
		if (!signal.aborted) await context.settle();
		throw diskError(error, request.store);
	} finally {
		await context.close();
	}
}
