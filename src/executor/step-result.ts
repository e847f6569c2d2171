import type {ChainId, DiffId, StepKey} from '../core/digest.ts';
import type {StepRecord} from '../store/step-cache.ts';
import type {BuildContext} from './build-context.ts';
import type {LayerStack} from './layer-stack.ts';
import type {MadeLayer} from './worker/protocol.ts';
import type {WorkerClient} from './worker-client.ts';

/** The stack after a step, and whether it added a layer. */
export interface StepResult {
	readonly stack: LayerStack;
	readonly empty: boolean;
}

/** The result that the cache remembers; undefined when its layer is gone. */
export function recall(context: BuildContext, record: StepRecord | undefined, below: LayerStack): StepResult | undefined {
	if (record === undefined) return undefined;
	if (record.diffId === null) return {stack: below, empty: true};
	const layer = context.store.layers.get(record.diffId);
	return layer === undefined ? undefined : {stack: below.withStored(layer.diffId, layer.size, {stored: layer}), empty: false};
}

export interface NewResult {
	readonly operation: StepKey;
	readonly parent: Promise<ChainId>;
	readonly made: MadeLayer;
	readonly below: LayerStack;
	/** When its command started, milliseconds since 1970; absent for what is as good at any age. */
	readonly ranAt?: number;
	/** Called when the result is in the cache, or never will be. */
	readonly recorded: () => void;
}

/** The stack with a new layer, at once; its diffID and the record in the cache follow beside the next step. */
export function addLayer(context: BuildContext, worker: WorkerClient, result: NewResult): StepResult {
	const {operation, parent, made, below, ranAt, recorded} = result;
	// When the layer itself fails nobody asks for it any more.
	parent.catch(() => {});
	const record = async (diffId: DiffId | null): Promise<void> => {
		context.store.steps.put(operation, await parent, {diffId, ...(ranAt === undefined ? {} : {ranAt})});
	};
	if (made.pending === undefined) {
		context.inBackground(record(null).finally(recorded));
		return {stack: below, empty: true};
	}
	const {pending} = made;
	const identity = worker.call('hashed', {pending});
	identity.catch(() => {});
	context.inBackground(identity.then(({diffId}) => record(diffId)).finally(recorded));
	const hurry = (): void => void worker.call('hurry', null).catch(() => {});
	return {stack: below.withPending({reference: {pending}, identity, hurry}), empty: false};
}
