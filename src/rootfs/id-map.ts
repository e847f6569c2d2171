export interface IdRange {
	readonly first: number;
	readonly count: number;
}

/** Which user and group ids chown can set here (as seen inside the user namespace). */
export interface IdMap {
	readonly uids: readonly IdRange[];
	readonly gids: readonly IdRange[];
}

/** Name of the xattr that holds `uid:gid` of a file or directory whose ids chown cannot set. */
export const ownerXattr = 'user.boxbuild.owner';

/** True when chown can set both ids. */
export function isMapped(map: IdMap, uid: number, gid: number): boolean {
	return isIn(map.uids, uid) && isIn(map.gids, gid);
}

function isIn(ranges: readonly IdRange[], id: number): boolean {
	return ranges.some((range) => id >= range.first && id - range.first < range.count);
}

interface Owner {
	readonly uid: number;
	readonly gid: number;
}

/**
 * Whose a file is: what the xattr says, but only of a file of root, as the builder leaves those whose ids it cannot set. Everybody in a step
 * can give the xattr to files of their own.
 */
export function ownerOf(file: Owner, xattr: string | undefined): Owner {
	return isNoted(file) ? (parseOwner(xattr) ?? file) : file;
}

/** True when the xattr counts. */
export function isNoted({uid, gid}: Owner): boolean {
	return uid === 0 && gid === 0;
}

/** The ids that an owner xattr holds; undefined when it is not `uid:gid`. */
function parseOwner(value: string | undefined): Owner | undefined {
	const found = /^(\d{1,10}):(\d{1,10})$/v.exec(value ?? '');
	return found === null ? undefined : {uid: Number(found[1]), gid: Number(found[2])};
}
