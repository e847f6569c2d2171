import type {Json} from '../core/canonical-json.ts';
import type {ChainId} from '../core/digest.ts';
import {shapeOf} from '../core/packed-items.ts';
import type {CopyOp, MakeDirectoryOp} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import {type CopiedLayer, type CopiedPlaces, noteCopiedLayer, readCopiedLayer} from '../store/copied-layers.ts';
import {blobOfDiffId, type NewLayer, type StoredLayer} from '../store/layer-store.ts';
import type {BuildContext} from './build-context.ts';
import type {Surroundings} from './copy-again.ts';
import type {LayerStack} from './layer-stack.ts';
import {isSmallCopy} from './small-copy.ts';
import type {StepResult} from './step-result.ts';
import type {CopyRequest, PackedSources} from './worker/protocol.ts';

/** A copy of files of the context, whatever is selected now. */
export interface RepeatableCopy {
	readonly op: CopyOp | MakeDirectoryOp;
	readonly below: LayerStack;
	readonly mtime: CopyRequest['mtime'];
}

/** A layer that was made so, and the digest of what of the stack below decided it. */
export interface RepeatedCopy extends Pick<CopiedLayer, 'facts'> {
	readonly stored: StoredLayer;
}

/**
 * The layer of the copy, made of that of the last build where only contents of files have changed. Needs no worker: what of the stack below decides
 * the result is the same for the same stack and the same names. Undefined when the copy has to be made anew.
 */
export async function repeatCopy(
	context: BuildContext,
	copy: RepeatableCopy,
	{sources, asTar}: {readonly sources: PackedSources; readonly asTar: boolean},
): Promise<RepeatedCopy | undefined> {
	const {store} = context;
	const chain = copy.below.known;
	if (chain === undefined || !isRepeatable(copy) || !(asTar || isSmallCopy(sources))) return undefined;
	const before = readCopiedLayer(store, noteKey(copy, chain));
	if (before === undefined) return undefined;
	// Registers the build: nothing prunes what it makes.
	const {directory} = await context.live();
	const made = await copiedAgain({store, directory, signal: context.signal}, before, sources);
	if (made === undefined) return undefined;
	const {layer, ...place} = made;
	const {diffId, size, facts} = layer;
	const stored = await store.layers.publish({diffId, size, ...place});
	noteCopiedLayer(store, noteKey(copy, chain), layer);
	return {stored, facts};
}

/** The layer, and where it is. */
async function copiedAgain(
	surroundings: Surroundings,
	before: CopiedLayer,
	sources: PackedSources,
): Promise<({readonly layer: CopiedLayer} & Pick<NewLayer, 'directory' | 'blob'>) | undefined> {
	if (isSmallCopy(sources)) return (await import('./copy-directory-again.ts')).copyDirectoryAgain(surroundings, before, sources);
	const layer = await (await import('./copy-again.ts')).copyAgain(surroundings, before, sources);
	return layer === undefined ? undefined : {layer, blob: blobOfDiffId(layer.diffId, layer.size)};
}

/** Notes, when its diffID is known, the layer that the worker has made. */
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
