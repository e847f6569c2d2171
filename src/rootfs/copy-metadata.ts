import {chmodSync, lchownSync} from 'node:fs';
import {setTimes} from '../host/file-calls.ts';
import type {FileStat} from '../host/file-stat.ts';
import {getXattr, listXattrs, setXattr} from '../host/xattr.ts';

/** The name that an xattr gets in the copy; undefined leaves it out. */
export type RenameXattr = (name: string) => string | undefined;

/** Gives a file the owner, mode, xattrs and modification time (whole seconds) of another; `stat` is the other's. A symlink is not followed. */
export function copyMetadata(from: Buffer, to: Buffer, stat: FileStat, renameXattr: RenameXattr): void {
	lchownSync(to, stat.uid, stat.gid);
	if (stat.type !== 'symlink') chmodSync(to, stat.mode);
	for (const name of listXattrs(from)) {
		const renamed = isCopied(name) ? renameXattr(name) : undefined;
		const value = renamed === undefined ? undefined : getXattr(from, name);
		if (renamed !== undefined && value !== undefined) setXattr(to, renamed, value);
	}
	setTimes(to, stat.mtime);
}

function isCopied(name: string): boolean {
	return name === 'security.capability' || name.startsWith('user.');
}
