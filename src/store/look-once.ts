import type {DiffId} from '../core/digest.ts';
import type {LayerStore, StoredLayer} from './layer-store.ts';

/** The same layers for one build, which asks for each several times: what has a directory, and so all it needs, is looked at once. */
export function lookOnce(layers: LayerStore): LayerStore {
	const seen = new Map<DiffId, StoredLayer>();
	return {
		...layers,
		get(diffId) {
			const layer = seen.get(diffId) ?? layers.get(diffId);
			if (layer?.directory !== undefined && layer.verified) seen.set(diffId, layer);
			return layer;
		},
		publish(layer) {
			seen.delete(layer.diffId);
			return layers.publish(layer);
		},
	};
}
