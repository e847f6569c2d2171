import {constants, copyFileSync, mkdirSync, readlinkSync, symlinkSync} from 'node:fs';
import {makeDevice, makeFifo} from '../host/file-calls.ts';
import type {FileStat} from '../host/file-stat.ts';
import {copyMetadata, type RenameXattr} from './copy-metadata.ts';

/**
 * Copies a file (content as a reflink where the file system can), symlink, fifo or device with its metadata; of a directory only itself, without its
 * time, which changes with its content. False for what cannot be copied: sockets, and devices that the kernel refuses.
 */
export function copyFile(from: Buffer, to: Buffer, stat: FileStat, renameXattr: RenameXattr): boolean {
	switch (stat.type) {
		case 'file':
			copyFileSync(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
			break;
		case 'directory':
			mkdirSync(to, 0o700);
			break;
		case 'symlink':
			symlinkSync(readlinkSync(from, {encoding: 'buffer'}), to);
			break;
		case 'fifo':
			makeFifo(to, 0o600);
			break;
		case 'socket':
			return false;
		default:
			if (!madeDevice(to, stat)) return false;
	}
	copyMetadata(from, to, stat, renameXattr);
	return true;
}

function madeDevice(to: Buffer, {type, major, minor}: FileStat): boolean {
	try {
		makeDevice(to, type === 'block' ? 'block' : 'char', {major, minor});
		return true;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EPERM') return false;
		throw error;
	}
}
