import {closeSync, openSync, unlinkSync} from 'node:fs';
import {makeWhiteout} from '../host/file-calls.ts';
import {type FileStat, isWhiteoutDevice} from '../host/file-stat.ts';
import {SystemCallError} from '../host/libc.ts';
import {getXattr, setXattr} from '../host/xattr.ts';

const whiteoutXattr = 'user.overlay.whiteout';

/** How a file system can hold the mark of a deletion in a layer directory. */
export type MarkForm = 'device' | 'xattr';

/**
 * Marks a name of a layer directory as deleted: the overlay's device 0:0, or an empty file with the overlay's xattr where the file system takes
 * no such device (an overlay takes none, fs/overlayfs/dir.c). The kernel's overlay cannot remove a directory in which it finds the
 * latter in a lowerdir, so layers that have them are not handed to it (LayerTable).
 */
export function markDeleted(at: Buffer): MarkForm {
	try {
		makeWhiteout(at);
		return 'device';
	} catch (error) {
		if (!(error instanceof SystemCallError) || error.code !== 'EPERM') throw error;
	}
	closeSync(openSync(at, 'wx', 0o600));
	setXattr(at, whiteoutXattr, 'y');
	return 'xattr';
}

/** True for the mark of a deletion in a layer directory; nothing else in one has that xattr without an escape. */
export function isDeletionMark(at: Buffer, stat: FileStat): boolean {
	if (stat.type === 'file') return stat.size === 0 && getXattr(at, whiteoutXattr) !== undefined;
	return isWhiteoutDevice(stat);
}

/** Which form a directory's file system takes; `directory` gets a file for a moment. Throws SystemCallError when it takes neither. */
export function findMarkForm(directory: string): MarkForm {
	const at = Buffer.from(`${directory}/mark`);
	const form = markDeleted(at);
	unlinkSync(at);
	return form;
}
