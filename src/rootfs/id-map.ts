import {type IdRange, type IdRanges, largestIds} from '../core/id-range.ts';
import type {Owner, OwnerMark} from '../core/owner-mark.ts';

/** Which user and group ids chown can set here (as seen inside the user namespace). */
export type IdMap = IdRanges;

/** True when chown can set both ids. */
export function isMapped(map: IdMap, uid: number, gid: number): boolean {
	return isIn(map.uids, uid) && isIn(map.gids, gid);
}

function isIn(ranges: readonly IdRange[], id: number): boolean {
	return ranges.some((range) => id >= range.first && id - range.first < range.count);
}

/**
 * What of a file's mark the builder or root has written; undefined for nothing. Everybody in a step can mark files of their own as somebody
 * else's, but only root has files of the ids that marks stand beside (set-attributes.ts), and only root puts files into the group of those.
 */
export function trustedMark(map: IdMap, mark: OwnerMark, {uid, gid}: Owner): OwnerMark | undefined {
	const largest = largestIds(map);
	const isOfRoot = uid === 0 || uid === largest.uid;
	if (isOfRoot) return mark;
	return gid === largest.gid && mark.beside?.gid === gid ? {...mark, uid} : undefined;
}
