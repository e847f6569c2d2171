import {closeSync, constants, copyFileSync, fstatSync, openSync, readSync, writeSync} from 'node:fs';
import {sha256} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import type {TreeEntry} from '../core/tree-entry.ts';
import {copySourceChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';

/** Up to here reading and writing beats copyFile, which needs two more opens. */
const smallSize = 1 << 18;
const buffer = Buffer.allocUnsafeSlow(smallSize + 1);

/**
 * Copies a regular file into an open new one (as a reflink where the file system can). Throws BuildError when it is not as large as the entry says, or
 * when a small one has another content than it was selected with.
 */
export function copyContent(from: Buffer, to: number, source: TreeEntry): void {
	if (source.size === 0) return;
	const fd = openSource(from, source);
	try {
		let copied: number;
		if (source.size <= smallSize) {
			copied = fill(fd);
			const bytes = buffer.subarray(0, copied);
			if (source.digest !== undefined && sha256(bytes) !== source.digest) throw new BuildError(copySourceChanged(textOf(source.source)));
			if (copied === source.size) writeContent(to, bytes);
		} else {
			copyFileSync(`/proc/self/fd/${fd}`, `/proc/self/fd/${to}`, constants.COPYFILE_FICLONE);
			copied = fstatSync(to).size;
		}
		if (copied !== source.size) throw new BuildError(copySourceChanged(textOf(source.source)));
	} finally {
		closeSync(fd);
	}
}

export function writeContent(fd: number, bytes: Buffer): void {
	for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}

function openSource(from: Buffer, source: TreeEntry): number {
	try {
		return openSync(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	} catch (error) {
		throw new BuildError(copySourceChanged(textOf(source.source)), {cause: error});
	}
}

function fill(fd: number): number {
	let length = 0;
	while (length < buffer.length) {
		const got = readSync(fd, buffer, length, buffer.length - length, null);
		if (got === 0) break;
		length += got;
	}
	return length;
}
