import type {DiffId} from '../core/digest.ts';
import type {LayerStore, StoredLayer} from './layer-store.ts';

/** The same layers for one build, which asks for each several times: what has a directory, and so all it needs, is looked at once. */
export function lookOnce(layers: LayerStore): LayerStore {
	const seen = new Map<DiffId, StoredLayer>();
	const see = (layer: StoredLayer): void => {
		if (layer.directory !== undefined && layer.verified) seen.set(layer.diffId, layer);
	};
	return {
		...layers,
		get(diffId) {
			const known = seen.get(diffId);
			if (known !== undefined) return known;
			const layer = layers.get(diffId);
			if (layer !== undefined) see(layer);
			return layer;
		},
		assume: see,
		publish(layer) {
			seen.delete(layer.diffId);
			return layers.publish(layer);
		},
	};
}
