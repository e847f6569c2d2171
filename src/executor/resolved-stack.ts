import type {ResolvedBase} from '../sources/source.ts';
import type {Store} from '../store/open-store.ts';
import {type BaseLayer, LayerStack} from './layer-stack.ts';

/** The stack of a base image; its layers are unpacked when a step first needs them. */
export function resolvedStack(base: ResolvedBase, store: Store): LayerStack {
	return LayerStack.ofStored(
		base.layers.map((layer): BaseLayer => {
			const stored = store.layers.get(layer.diffId);
			return stored === undefined ? {...layer, size: 0} : {...layer, size: stored.size, stored};
		}),
		base.chain,
	);
}
