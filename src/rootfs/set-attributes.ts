import {chmodSync, fchmodSync, fchownSync, lchownSync} from 'node:fs';
import {largestIds} from '../core/id-range.ts';
import {linkOwnerXattr, type Owner, ownerXattr, packLinkOwner, printOwnerMark} from '../core/owner-mark.ts';
import {setTimes, setTimesOf} from '../host/file-calls.ts';
import {SystemCallError} from '../host/libc.ts';
import {setXattr} from '../host/xattr.ts';
import type {TarEntry} from '../tar/entry.ts';
import {isMapped} from './id-map.ts';
import type {IdMap} from './id-map.ts';
import {storedXattrName} from './layer-xattrs.ts';

/** Sets owner, mode, xattrs and time of an open new file that belongs to 0:0: in this order, because chown drops setuid bits and capabilities. */
export function setFileAttributes(fd: number, at: Buffer, entry: TarEntry, mapped: IdMap, createdMode: number): void {
	let mode = createdMode;
	const isKnown = isMapped(mapped, entry.uid, entry.gid);
	const {uid, gid} = isKnown ? entry : largestIds(mapped);
	if (uid !== 0 || gid !== 0) {
		fchownSync(fd, uid, gid);
		mode = -1;
	}
	if (!isKnown) setXattr(at, ownerXattr, printOwnerMark({uid: entry.uid, gid: entry.gid, beside: {uid, gid}}));
	if (mode !== entry.mode) fchmodSync(fd, entry.mode);
	if (entry.xattrs !== undefined) setXattrs(at, entry);
	setTimesOf(fd, entry.mtime);
}

/** The same for everything that is no regular file; a directory's time comes last of all, after its children. */
export function setOtherAttributes(at: Buffer, entry: TarEntry, mapped: IdMap): void {
	setOwner(at, entry, entry.type === 'directory', mapped);
	if (entry.type !== 'symlink') chmodSync(at, entry.mode);
	if (entry.xattrs !== undefined) setXattrs(at, entry);
	setTimes(at, entry.mtime);
}

/** Where the file system has no place for it the index alone knows the owner. */
function markLink(at: Buffer, owner: Owner): void {
	try {
		setXattr(at, linkOwnerXattr, packLinkOwner(owner));
	} catch (error) {
		if (!(error instanceof SystemCallError) || !['EOPNOTSUPP', 'EPERM'].includes(error.code)) throw error;
	}
}

/** Gives a file to somebody, a symlink itself; `isPlain`: it is a regular file or directory. Throws SystemCallError where it cannot be marked. */
export function setOwner(at: Buffer, owner: Owner, isPlain: boolean, mapped: IdMap): void {
	const isKnown = isMapped(mapped, owner.uid, owner.gid);
	const {uid, gid} = isKnown ? owner : largestIds(mapped);
	lchownSync(at, uid, gid);
	if (isKnown) return;
	if (isPlain) setXattr(at, ownerXattr, printOwnerMark({uid: owner.uid, gid: owner.gid, beside: {uid, gid}}));
	else markLink(at, owner);
}

function setXattrs(at: Buffer, entry: TarEntry): void {
	for (const [name, value] of Object.entries(entry.xattrs ?? {})) {
		const stored = storedXattrName(name);
		if (stored !== undefined) setXattr(at, stored, value);
	}
}

/** The entry without xattrs that its type or a layer cannot carry. */
export function withStorableXattrs(entry: TarEntry): TarEntry {
	if (entry.xattrs === undefined) return entry;
	const {xattrs, ...rest} = entry;
	if (entry.type !== 'file' && entry.type !== 'directory') return rest;
	const kept = Object.entries(xattrs).filter(
		([name]) => storedXattrName(name) !== undefined && (name !== 'security.capability' || entry.type === 'file'),
	);
	return kept.length === 0 ? rest : {...rest, xattrs: Object.fromEntries(kept.sort(([a], [b]) => (a < b ? -1 : 1)))};
}
