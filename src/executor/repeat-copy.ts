import type {Json} from '../core/canonical-json.ts';
import type {ChainId} from '../core/digest.ts';
import {shapeOf} from '../core/packed-items.ts';
import type {CopyOp, MakeDirectoryOp} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import {type CopiedLayer, type CopiedPlaces, noteCopiedLayer, readCopiedLayer} from '../store/copied-layers.ts';
import {blobOfDiffId} from '../store/layer-store.ts';
import type {BuildContext} from './build-context.ts';
import type {LayerStack} from './layer-stack.ts';
import type {StepResult} from './step-result.ts';
import type {CopyRequest, PackedSources} from './worker/protocol.ts';

/** A copy of files of the context, whatever is selected now. */
export interface RepeatableCopy {
	readonly op: CopyOp | MakeDirectoryOp;
	readonly below: LayerStack;
	readonly mtime: CopyRequest['mtime'];
}

/**
 * The layer of the copy, made of that of the last build where only contents of files have changed. Needs no worker: what of the stack below decides
 * the result is the same for the same stack and the same names. Undefined when the copy has to be made anew.
 */
export async function repeatCopy(context: BuildContext, copy: RepeatableCopy, sources: PackedSources): Promise<CopiedLayer | undefined> {
	const {store} = context;
	const chain = copy.below.known;
	const before = chain === undefined || !isRepeatable(copy) ? undefined : readCopiedLayer(store, noteKey(copy, chain));
	if (chain === undefined || before === undefined) return undefined;
	const {copyAgain} = await import('./copy-again.ts');
	// Registers the build: nothing prunes what it makes.
	const {directory} = await context.live();
	const layer = await copyAgain({store, directory, signal: context.signal}, before, sources);
	if (layer === undefined) return undefined;
	const {diffId, size} = layer;
	await store.layers.publish({diffId, size, blob: blobOfDiffId(diffId, size)});
	noteCopiedLayer(store, noteKey(copy, chain), layer);
	return layer;
}

/** Notes, when its diffID is known, the layer that the worker has made as a tar. */
export function noteCopy(
	context: BuildContext,
	copy: RepeatableCopy,
	{result, facts, places, sources}: {result: StepResult; facts: string; places: CopiedPlaces; sources: PackedSources},
): void {
	const made = result.stack.layers.at(-1);
	if (result.empty || made === undefined || !isRepeatable(copy)) return;
	context.inBackground(
		Promise.all([copy.below.chain, made.identity]).then(([chain, {diffId, size}]) =>
			noteCopiedLayer(context.store, noteKey(copy, chain), {
				...places,
				diffId,
				size,
				facts,
				shape: shapeOf(sources),
				digests: sources.digests,
			}),
		),
	);
}

/** Sources of a registry or a repository are looked at by the worker; with times kept, a file that has changed has another time, too. */
export function isRepeatable({op, mtime}: RepeatableCopy): boolean {
	return op.kind === 'copy' && op.from.kind === 'context' && mtime !== 'keep' && op.sources.every(({kind}) => kind === 'path');
}

export function noteKey({op, mtime}: RepeatableCopy, chain: ChainId): Json {
	return {kind: 'copied layer', operation: operationKey(op, [['times', String(mtime)]]), chain};
}
