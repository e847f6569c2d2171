import {rmSync} from 'node:fs';
import {type Digest, type DiffId, hexOf} from '../core/digest.ts';
import {inspectLiveBuilds} from './live-builds.ts';
import type {Store} from './open-store.ts';
import {moveLayerAside} from './prune.ts';
import {reachableFromNames} from './reachable.ts';
import {inStore} from './store-error.ts';

/** What one command brought into the store. */
export interface Brought {
	readonly blobs: ReadonlySet<Digest>;
	readonly layers: ReadonlySet<DiffId>;
}

/**
 * Takes back what a command has brought and no name needs. Nothing goes while other commands run than the caller, which holds a live build: they
 * may have come to rely on it. Then the next prune takes it. `remove` deletes directories with files of any owner.
 */
export async function withdraw(store: Store, {blobs, layers}: Brought, remove: (path: string) => Promise<void>): Promise<void> {
	if (blobs.size === 0 && layers.size === 0) return;
	const {waitForLock} = await import('../host/lock.ts');
	const {directory} = store;
	const gate = await waitForLock(`${directory}/run/.lock`);
	const trash: string[] = [];
	try {
		const live = await inspectLiveBuilds(directory);
		trash.push(...live.stale);
		if (live.count <= 1) {
			const needed = reachableFromNames(store);
			inStore(directory, () => {
				for (const diffId of layers) if (!needed.has(diffId)) trash.push(...moveLayerAside(directory, hexOf(diffId)));
				for (const digest of blobs) if (!needed.has(digest)) rmSync(store.blobs.path(digest), {force: true});
			});
		}
	} finally {
		gate.release();
	}
	for (const path of trash) await remove(path);
}
