import {type IdRange, type IdRanges, largestIds} from '../core/id-range.ts';
import type {Owner} from '../core/owner-mark.ts';

/** Which user and group ids chown can set here (as seen inside the user namespace). */
export type IdMap = IdRanges;

/** True when chown can set both ids. */
export function isMapped(map: IdMap, uid: number, gid: number): boolean {
	return isIn(map.uids, uid) && isIn(map.gids, gid);
}

function isIn(ranges: readonly IdRange[], id: number): boolean {
	return ranges.some((range) => id >= range.first && id - range.first < range.count);
}

/** True for a file whose mark can only be root's or the builder's: they alone own files with the ids that marks stand beside (set-attributes.ts). */
export function isTrusted(map: IdMap, {uid}: Pick<Owner, 'uid'>): boolean {
	return uid === 0 || uid === largestIds(map).uid;
}
