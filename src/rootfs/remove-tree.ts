import {closeSync, constants, openSync, readdirSync, rmdirSync, unlinkSync} from 'node:fs';

/** Longest path handed on as it is; below that directories are reached through a descriptor, so depth is limited by descriptors only. */
const longest = 3000;
const missing = new Set(['ENOENT', 'ENOTDIR']);

/**
 * Removes a file or a whole tree without following symlinks; nothing there is no error. To root of the user namespace that owns the files
 * directories of mode 000 are no obstacle; to their owner they are.
 */
export function removeTree(path: string | Buffer): void {
	const bytes = typeof path === 'string' ? Buffer.from(path) : path;
	try {
		unlinkSync(bytes);
	} catch (error) {
		const code = codeOf(error);
		if (missing.has(code)) return;
		// unlink(2) of a directory is EISDIR on Linux, EPERM says POSIX.
		if (code !== 'EISDIR' && code !== 'EPERM') throw error;
		removeDirectory(bytes);
	}
}

function removeDirectory(path: Buffer): void {
	try {
		if (path.length > longest) removeThroughDescriptor(path);
		else removeChildren(path);
		rmdirSync(path);
	} catch (error) {
		// Somebody else may remove the same.
		if (codeOf(error) !== 'ENOENT') throw error;
	}
}

function removeThroughDescriptor(path: Buffer): void {
	const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
	try {
		removeChildren(Buffer.from(`/proc/self/fd/${fd}`, 'latin1'));
	} finally {
		closeSync(fd);
	}
}

function removeChildren(path: Buffer): void {
	const prefix = `${path.toString('latin1')}/`;
	// `withFileTypes` and the encoding latin1 do not go together on Node 20, so names come alone.
	for (const name of readdirSync(path, {encoding: 'latin1'})) removeTree(Buffer.from(prefix + name, 'latin1'));
}

function codeOf(error: unknown): string {
	return error instanceof Error && 'code' in error ? String(error.code) : '';
}
