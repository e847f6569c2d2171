import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {hexOf, sha256} from '../core/digest.ts';
import {readSealed, writeSealed} from './sealed-json.ts';
import {touch} from './step-cache.ts';
import {inStore} from './store-error.ts';

/** Small facts that are cheap to lose, under memo/HEX.json: the name is the digest of the key's canonical JSON. */
export interface Memo {
	get(key: Json): Json | undefined;
	/** Not durable: after a power loss the fact may be unknown again. */
	set(key: Json, value: Json): void;
	/** The same, unless the store cannot be written: for what is found out again as well. */
	offer(key: Json, value: Json): void;
}

export function makeMemo(store: string): Memo {
	const path = (key: Json): string => `${store}/memo/${hexOf(sha256(canonicalJson(key)))}.json`;
	return {
		get(key) {
			const file = path(key);
			const found = readSealed(file);
			if (found === undefined || found === null || typeof found !== 'object' || !('value' in found)) return undefined;
			touch(file);
			return found.value;
		},
		set: (key, value) => inStore(store, () => writeSealed(path(key), {key, value})),
		offer(key, value) {
			try {
				writeSealed(path(key), {key, value});
			} catch {
				// A build of hits needs no room in the store.
			}
		},
	};
}
