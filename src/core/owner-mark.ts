/** Whose a file is: numeric ids. */
export interface Owner {
	readonly uid: number;
	readonly gid: number;
}

/** Says whose a file is where the kernel cannot be told: its user namespace lacks an id. */
export interface OwnerMark extends Owner {
	/** The owner that the kernel has of the file. An id counts while that one stays: a program that changes it later means it. */
	readonly beside?: Owner;
}

/** Name of the xattr that marks a regular file or directory: the kernel lets no others have user xattrs (xattr(7)). */
export const ownerXattr = 'user.boxbuild.owner';

/**
 * Name of the xattr that marks a symlink or fifo. Every inode can have a file capability, root of a user namespace may set it, overlayfs takes
 * it along when it copies a file up, and only a program that is run ever gets rights by it (capabilities(7)). chown(2) removes it.
 */
export const linkOwnerXattr = 'security.capability';

const noOne: Owner = {uid: 0, gid: 0};

/** The value of the xattr of a file or directory: `UID:GID`, and the kernel's owner unless that is 0:0. */
export function printOwnerMark({uid, gid, beside = noOne}: OwnerMark): string {
	return `${uid}:${gid}${beside.uid === 0 && beside.gid === 0 ? '' : ` ${beside.uid}:${beside.gid}`}`;
}

/** The mark in such a value; undefined when it is none. */
export function parseOwnerMark(value: string | undefined): OwnerMark | undefined {
	const [, uid, gid, uidBeside = '0', gidBeside = '0'] = /^(\d{1,10}):(\d{1,10})(?: (\d{1,10}):(\d{1,10}))?$/v.exec(value ?? '') ?? [];
	if (uid === undefined) return undefined;
	return {uid: Number(uid), gid: Number(gid), beside: {uid: Number(uidBeside), gid: Number(gidBeside)}};
}

/** struct vfs_cap_data (linux/capability.h): revision 2, then twice the permitted and the inheritable capabilities, 32 bits each. */
const revision = 0x0200_0000;
/** Capabilities above the last one of any kernel: what tells a mark from capabilities that somebody gave a link. */
const sign = 0x7962_7862;

/** The value of the xattr of a symlink or fifo, as latin1 bytes. */
export function packLinkOwner({uid, gid}: Owner): string {
	const words = Uint32Array.of(revision, uid, gid, sign, 0);
	return [...words].map((word) => String.fromCharCode(word & 0xff, (word >>> 8) & 0xff, (word >>> 16) & 0xff, word >>> 24)).join('');
}

/** The owner in such a value; undefined for capabilities. */
export function unpackLinkOwner(value: string | undefined): Owner | undefined {
	if (value?.length !== 20) return undefined;
	const wordAt = (at: number): number => [3, 2, 1, 0].reduce((word, byte) => word * 256 + value.charCodeAt(at + byte), 0);
	return wordAt(0) === revision && wordAt(12) === sign && wordAt(16) === 0 ? {uid: wordAt(4), gid: wordAt(8)} : undefined;
}

/** Whose a file is that has a mark, if any, and that the kernel says belongs to `real`. */
export function ownerOf(mark: OwnerMark | undefined, real: Owner): Owner {
	if (mark === undefined) return {uid: real.uid, gid: real.gid};
	const {uid, gid, beside} = mark;
	if (beside === undefined) return {uid, gid};
	return {uid: beside.uid === real.uid ? uid : real.uid, gid: beside.gid === real.gid ? gid : real.gid};
}
