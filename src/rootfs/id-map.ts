import type {IdRange, IdRanges} from '../core/id-range.ts';

/** Which user and group ids chown can set here (as seen inside the user namespace). */
export type IdMap = IdRanges;

/** True when chown can set both ids. */
export function isMapped(map: IdMap, uid: number, gid: number): boolean {
	return isIn(map.uids, uid) && isIn(map.gids, gid);
}

function isIn(ranges: readonly IdRange[], id: number): boolean {
	return ranges.some((range) => id >= range.first && id - range.first < range.count);
}
