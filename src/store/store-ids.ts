import {readdirSync, readFileSync} from 'node:fs';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeOtherIds} from '../diagnostics/store.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {inStore} from './store-error.ts';

/** Name of the id mode that a store's layers are unpacked with; undefined while it has none. */
export function readStoreIds(store: string): string | undefined {
	return unlessMissing(() => readFileSync(`${store}/ids`, 'utf8').trim());
}

/**
 * Says that layers are unpacked with an id mode from now on: the same owner is another number on disk in every mode, so one cannot read what
 * another has written. Throws store/other-ids when the store has layers of another one.
 */
export function claimStoreIds(store: string, mode: string): void {
	const known = readStoreIds(store);
	if (known === mode) return;
	inStore(store, () => {
		const hasLayers = readdirSync(`${store}/layers`).some((name) => !name.startsWith('.'));
		if (known !== undefined && hasLayers) throw new BuildError(storeOtherIds(store, known, mode));
		writeFileAtomic(`${store}/ids`, `${mode}\n`, {sync: true});
	});
}
