import {
	linkOwnerXattr,
	type Owner,
	ownerOf,
	type OwnerMark,
	ownerXattr,
	packLinkOwner,
	parseOwnerMark,
	printOwnerMark,
	unpackLinkOwner,
} from '../core/owner-mark.ts';
import {SystemCallError} from '../host/libc.ts';
import {hasXattr} from '../host/xattr.ts';
import type {PathDescriptor} from '../host/path-descriptor.ts';

/** Type and permissions as in st_mode, and whose a file is for the step. */
export interface FileFacts extends Owner {
	readonly mode: number;
}

/** The mark of a file's owner, if it has one. */
export function markOf(file: PathDescriptor): OwnerMark | undefined {
	return parseOwnerMark(file.getXattr(ownerXattr)) ?? unpackLinkOwner(file.getXattr(linkOwnerXattr));
}

/** True when the file at a path may have a mark; `follow`: also the one behind a last symlink. */
export function isMarked(path: Buffer, follow: boolean): boolean {
	return hasXattr(path, ownerXattr, follow) || hasXattr(path, linkOwnerXattr, follow);
}

export function factsOf(file: PathDescriptor): FileFacts {
	const {mode, uid, gid} = file.facts();
	return {mode, ...ownerOf(markOf(file), {uid, gid})};
}

/** True for what can have user xattrs (xattr(7)): regular files and directories. */
export function isPlain(mode: number): boolean {
	return [0o100_000, 0o040_000].includes(mode & 0o170_000);
}

/** Marks a file whose owner the kernel has as `beside`. */
export function markOwner(file: PathDescriptor, mode: number, {uid, gid}: Owner, beside: Owner): void {
	const isReal = uid === beside.uid && gid === beside.gid;
	try {
		if (!isPlain(mode)) {
			// A change of owner has removed what was there.
			if (!isReal) file.setXattr(linkOwnerXattr, packLinkOwner({uid, gid}));
		} else if (isReal) file.removeXattr(ownerXattr);
		else file.setXattr(ownerXattr, printOwnerMark({uid, gid, beside}));
	} catch (error) {
		// What cannot be marked is no part of a layer: pipes, or a tmpfs of an older kernel.
		if (!(error instanceof SystemCallError) || error.code !== 'EOPNOTSUPP') throw error;
	}
}
