import {randomBytes} from 'node:crypto';
import {closeSync, fsyncSync, linkSync, openSync, renameSync, rmSync, writeSync} from 'node:fs';
import {dirname} from 'node:path';
import {errnoOf} from './errno.ts';

export interface AtomicWriteOptions {
	/** fsync the file before and its directory after the rename; without it only readers that verify can trust the file after a power loss. */
	readonly sync: boolean;
	/** Permission bits before the umask; 0644 when absent. */
	readonly mode?: number;
	/** Keep a file that is already there instead of replacing it. */
	readonly keepExisting?: boolean;
}

/** A name in the directory of `path` that no other process uses. Cleaners recognise left-overs by `.tmp-`. */
export function temporaryName(path: string): string {
	return `${dirname(path)}/.tmp-${process.pid}-${randomBytes(6).toString('hex')}`;
}

/** Makes renames and new names in a directory durable. */
export function syncDirectory(path: string): void {
	const fd = openSync(path, 'r');
	try {
		fsyncSync(fd);
	} finally {
		closeSync(fd);
	}
}

export function writeFully(fd: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
}

/** Readers see the old content or the whole new one, never a part; on failure nothing stays behind. */
export function writeFileAtomic(path: string, content: Uint8Array | string, options: AtomicWriteOptions): void {
	const temporary = temporaryName(path);
	const fd = openSync(temporary, 'wx', options.mode ?? 0o644);
	try {
		try {
			writeFully(fd, typeof content === 'string' ? Buffer.from(content, 'utf8') : content);
			if (options.sync) fsyncSync(fd);
		} finally {
			closeSync(fd);
		}
		if (options.keepExisting === true) linkNew(temporary, path);
		else renameSync(temporary, path);
	} catch (error) {
		rmSync(temporary, {force: true});
		throw error;
	}
	if (options.sync) syncDirectory(dirname(path));
}

function linkNew(temporary: string, path: string): void {
	try {
		linkSync(temporary, path);
	} catch (error) {
		if (errnoOf(error) !== 'EEXIST') throw error;
	}
	rmSync(temporary, {force: true});
}
