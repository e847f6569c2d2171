import {randomBytes} from 'node:crypto';
import {existsSync, readdirSync, renameSync, statSync, utimesSync} from 'node:fs';
import {unlessMissing} from '../host/errno.ts';
import {lockFile} from '../host/lock.ts';
import type {PruneOptions} from './plan-prune.ts';

/** Where the directories of cache mounts are: NAME/NUMBER, each with NUMBER.lock beside it, whose time is that of its last use. */
export function cacheHomes(store: string): string {
	return `${store}/mounts`;
}

/** Notes that somebody uses a cache; call it while its lock is held. */
export function noteUse(directory: string): void {
	const now = new Date();
	unlessMissing(() => utimesSync(`${directory}.lock`, now, now));
}

/**
 * Takes the caches away that no step uses now and the options ask for, under names that nobody looks up; returns their new paths. Lock files
 * stay: deleting one that somebody waits for would let two have it.
 */
export function takeUnusedCaches(store: string, {all = false, olderThan = -Infinity}: PruneOptions): readonly string[] {
	const taken: string[] = [];
	for (const name of unlessMissing(() => readdirSync(cacheHomes(store))) ?? []) {
		const home = `${cacheHomes(store)}/${name}`;
		for (const number of readdirSync(home).filter((entry) => /^\d+$/v.test(entry))) {
			const lock = lockFile(`${home}/${number}.lock`);
			try {
				const isOld = all || statSync(`${home}/${number}.lock`).mtimeMs < olderThan;
				if (lock === undefined || !isOld || !existsSync(`${home}/${number}`)) continue;
				const aside = `${store}/layers/.trash-${randomBytes(8).toString('hex')}`;
				renameSync(`${home}/${number}`, aside);
				taken.push(aside);
			} finally {
				lock?.release();
			}
		}
	}
	return taken;
}
