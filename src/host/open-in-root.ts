import {closeSync, constants, openSync} from 'node:fs';
import {cPath, errno, libcFunction, SystemCallError} from './libc.ts';

const openat2 = libcFunction('syscall', 'long', ['long', 'int', 'void *', 'void *', 'ulong']) as (
	number: number,
	directory: number,
	path: Buffer,
	how: Buffer,
	size: number,
) => number | bigint;
/** The same number on every architecture. */
const openat2Number = 437;
const resolveInRoot = 0x10;
const resolveBeneath = 0x08;
const resolveNoMagicLinks = 0x02;

/** Opens `path` with every symlink on the way resolved inside `root` (openat2, RESOLVE_IN_ROOT). The caller closes the descriptor. */
export function openInRoot(root: string, path: string | Buffer, flags: number): number {
	const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
	try {
		return open(directory, path, {flags, resolve: resolveInRoot});
	} finally {
		closeSync(directory);
	}
}

/** Opens `path` below an open directory (openat2, RESOLVE_BENEATH): EXDEV for what leads out of it, also for a while. The caller closes the descriptor. */
export function openBeneath(directory: number, path: string | Buffer, flags: number): number {
	return open(directory, path, {flags, resolve: resolveBeneath});
}

function open(directory: number, path: string | Buffer, {flags, resolve}: {readonly flags: number; readonly resolve: number}): number {
	const how = Buffer.alloc(24);
	// O_CLOEXEC
	how.writeBigUInt64LE(BigInt(flags | 0o2000000), 0);
	how.writeBigUInt64LE(BigInt(resolve | resolveNoMagicLinks), 16);
	const fd = Number(openat2(openat2Number, directory, cPath(path), how, how.length));
	if (fd < 0) throw new SystemCallError('openat2', errno(), path.toString());
	return fd;
}
