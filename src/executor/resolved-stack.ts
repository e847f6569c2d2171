import type {ResolvedBase} from '../sources/source.ts';
import type {Store} from '../store/open-store.ts';
import {type BaseLayer, LayerStack} from './layer-stack.ts';

/** The stack of a base image; its layers are unpacked when a step first needs them. */
export function resolvedStack(base: ResolvedBase, store: Store): LayerStack {
	return LayerStack.ofStored(
		base.layers.map(({diffId, blob}): BaseLayer => ({diffId, blob, stored: store.layers.get(diffId)})),
		base.chain,
	);
}
