import {closeSync, openSync, readdirSync, unlinkSync} from 'node:fs';
import {joinRaw, type RawPath} from '../core/raw-path.ts';
import {setTimes} from '../host/file-calls.ts';
import {type FileStat, fileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';

/** Every file of a tree with what tells whether it was touched since: its inode, and when that last changed (ctime). */
export type TreeListing = ReadonlyMap<RawPath, Pick<FileStat, 'inode' | 'changed'>>;

/**
 * Lists a tree that nobody changes meanwhile. What changes it afterwards gets a later time of change than anything in it: the clock that
 * file systems use goes on in steps of up to 10 ms, so this waits for its next one. `marker` is a path outside the tree for a file.
 */
export function listTree(directory: string, marker: string): TreeListing {
	const paths = new TreePaths(directory);
	const listing = new Map<RawPath, Pick<FileStat, 'inode' | 'changed'>>();
	let latest = 0n;
	const visit = (path: RawPath): void => {
		const stat = fileStat(paths.at(path));
		if (stat === undefined) return;
		const {inode, changed} = stat;
		listing.set(path, {inode, changed});
		if (changed > latest) latest = changed;
		if (stat.type === 'directory') for (const name of readdirSync(paths.at(path), {encoding: 'latin1'})) visit(joinRaw(path, name));
	};
	try {
		visit('' as RawPath);
	} finally {
		paths.close();
	}
	waitForClock(latest, marker);
	return listing;
}

/** Waits until what is changed from now on has a later time of change (nanoseconds) than `latest`. */
export function waitForClock(latest: bigint, marker: string): void {
	const at = Buffer.from(marker);
	closeSync(openSync(at, 'w'));
	try {
		for (;;) {
			setTimes(at, 0);
			if ((fileStat(at)?.changed ?? latest) > latest) return;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
		}
	} finally {
		unlinkSync(at);
	}
}
