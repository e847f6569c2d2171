import {chmodSync, existsSync, lstatSync, mkdirSync, renameSync} from 'node:fs';
import {stepMountOwner} from '../../diagnostics/mount.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {errnoOf} from '../../host/errno.ts';
import {noteUse} from '../../store/unused-caches.ts';
import {type Lock, lockFile, waitForLock} from '../../host/lock.ts';
import {readNamespaceIds} from '../../isolation/id-map.ts';
import {setOwner} from '../../rootfs/set-attributes.ts';
import type {MountAttributes} from '../../plan/run-mount.ts';

/** A persistent directory that is held until it is released. */
export interface HeldCache {
	/** Missing when nobody has used it before. */
	readonly directory: string;
	readonly lock: Lock;
}

/**
 * Takes a directory of a cache: number 0 for everybody who shares or locks it, for `private` the first that nobody uses.
 * The kernel frees it when the worker dies.
 */
export async function holdCache(home: string, sharing: 'shared' | 'private' | 'locked', signal: AbortSignal): Promise<HeldCache> {
	mkdirSync(home, {recursive: true});
	const held = (number: number, lock: Lock): HeldCache => {
		noteUse(`${home}/${number}`);
		return {directory: `${home}/${number}`, lock};
	};
	if (sharing !== 'private') return held(0, await waitForLock(`${home}/0.lock`, signal, {shared: sharing === 'shared'}));
	for (let number = 0; ; number++) {
		const lock = lockFile(`${home}/${number}.lock`);
		if (lock !== undefined) return held(number, lock);
	}
}

/** Makes a directory with what `fill` puts into it, once: who comes meanwhile waits, and nobody sees half of it. */
export async function makeOnce(directory: string, fill: (fresh: string) => Promise<void>, signal: AbortSignal): Promise<void> {
	if (existsSync(directory)) return;
	const lock = await waitForLock(`${directory}.new.lock`, signal);
	try {
		if (existsSync(directory)) return;
		const fresh = `${directory}.${process.hrtime.bigint()}`;
		mkdirSync(fresh);
		await fill(fresh);
		renameSync(fresh, directory);
	} finally {
		lock.release();
	}
}

/** Gives a file or directory its mode and owner. Throws step/mount-owner where it can be neither given to nor marked for an id. */
export function giveAttributes(path: string, {mode, uid, gid}: MountAttributes, target: string): void {
	try {
		const stat = lstatSync(path);
		if (uid !== 0 || gid !== 0) setOwner(Buffer.from(path), {uid, gid}, stat.isFile() || stat.isDirectory(), readNamespaceIds());
		chmodSync(path, mode);
	} catch (error) {
		if (!['EINVAL', 'EPERM', 'EOPNOTSUPP'].includes(errnoOf(error))) throw error;
		throw new BuildError(stepMountOwner(target, `${uid}:${gid}`), {cause: error});
	}
}
