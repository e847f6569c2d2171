import {cPath, errno, errnoNumber, libcFunction, SystemCallError} from './libc.ts';

export type FileType = 'file' | 'directory' | 'symlink' | 'fifo' | 'char' | 'block' | 'socket';

/** What statx(2) says about a file itself (a symlink is never followed). */
export interface FileStat {
	readonly type: FileType;
	/** 0 to 0o7777. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly nlink: number;
	/** Whole seconds (rounded down) and the nanoseconds on top. */
	readonly mtime: number;
	readonly nanoseconds: number;
	readonly major: number;
	readonly minor: number;
	readonly device: number;
	readonly inode: bigint;
	/** Nanoseconds since 1970 of the last change of the inode (ctime), which no program can set. */
	readonly changed: bigint;
}

const call = libcFunction('syscall', 'long', ['long', 'int', 'void *', 'int', 'uint', 'void *']) as (
	number: number,
	directory: number,
	path: Buffer,
	flags: number,
	mask: number,
	result: Buffer,
) => number | bigint;
const statxNumber = process.arch === 'arm64' ? 291 : 332;
/** Bytes of struct statx. */
export const statxSize = 256;

/** statx(2) itself; `path` ends with NUL. Negative when it fails. */
export function statx(directory: number, path: Buffer, {flags, mask}: {readonly flags: number; readonly mask: number}, to: Buffer): number {
	return Number(call(statxNumber, directory, path, flags, mask, to));
}

const currentDirectory = -100;
const noFollow = 0x100;
/** STATX_BASIC_STATS. */
const basicStats = 0x7ff;
const result = Buffer.alloc(statxSize);
const typeOfFormat = new Map<number, FileType>([
	[0o10, 'file'],
	[0o04, 'directory'],
	[0o12, 'symlink'],
	[0o01, 'fifo'],
	[0o02, 'char'],
	[0o06, 'block'],
	[0o14, 'socket'],
]);

/** lstat with exact times; undefined when nothing is there (ENOENT, or a component above is no directory). */
export function fileStat(path: Buffer): FileStat | undefined {
	if (statx(currentDirectory, cPath(path), {flags: noFollow, mask: basicStats}, result) < 0) {
		const number = errno();
		if (number === errnoNumber('ENOENT') || number === errnoNumber('ENOTDIR')) return undefined;
		throw new SystemCallError('statx', number, path.toString('utf8'));
	}
	const mode = result.readUInt16LE(28);
	return {
		type: typeOfFormat.get(mode >> 12) ?? 'file',
		mode: mode & 0o7777,
		uid: result.readUInt32LE(20),
		gid: result.readUInt32LE(24),
		size: result.readUInt32LE(44) * 2 ** 32 + result.readUInt32LE(40),
		nlink: result.readUInt32LE(16),
		mtime: result.readInt32LE(116) * 2 ** 32 + result.readUInt32LE(112),
		nanoseconds: result.readUInt32LE(120),
		major: result.readUInt32LE(128),
		minor: result.readUInt32LE(132),
		device: result.readUInt32LE(136) * 2 ** 20 + result.readUInt32LE(140),
		inode: result.readBigUInt64LE(32),
		changed: timeIn(result, 96),
	};
}

/** A struct statx_timestamp as nanoseconds. */
function timeIn(stats: Buffer, offset: number): bigint {
	return stats.readBigInt64LE(offset) * 1_000_000_000n + BigInt(stats.readUInt32LE(offset + 8));
}

/** True for the kernel overlay's mark of a deletion: a character device 0:0. */
export function isWhiteoutDevice(stat: FileStat): boolean {
	return stat.type === 'char' && stat.major === 0 && stat.minor === 0;
}
