import type {ResolvedBase} from '../sources/source.ts';
import type {Store} from '../store/open-store.ts';
import {LayerStack} from './layer-stack.ts';

/** The stack of a base image; its layers are unpacked when a step first needs them. */
export function resolvedStack(base: ResolvedBase, store: Store): LayerStack {
	return base.layers.reduce<LayerStack>((stack, {diffId, blob}) => {
		const stored = store.layers.get(diffId);
		return stack.withStored(diffId, stored?.size ?? 0, {...(blob === undefined ? {} : {blob}), ...(stored === undefined ? {} : {stored})});
	}, LayerStack.scratch);
}
