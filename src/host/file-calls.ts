import {checked, cPath, libcFunction} from './libc.ts';

const mknod = libcFunction('int mknod(void *path, uint32_t mode, uint64_t device)') as (
	path: Buffer,
	mode: number,
	device: bigint,
) => number;
const utimensat = libcFunction('int utimensat(int directory, void *path, void *times, int flags)') as (
	directory: number,
	path: Buffer,
	times: Buffer,
	flags: number,
) => number;
const futimens = libcFunction('int futimens(int fd, void *times)') as (fd: number, times: Buffer) => number;
const mkfifo = libcFunction('int mkfifo(void *path, uint32_t mode)') as (path: Buffer, mode: number) => number;

const currentDirectory = -100;
const noFollow = 0x100;
const times = Buffer.alloc(32);

/** Sets access and modification time of a file itself (a symlink is not followed) to a whole second; any 64-bit second works. */
export function setTimes(path: Buffer, seconds: number): void {
	checked(utimensat(currentDirectory, cPath(path), timespecs(seconds), noFollow), `utimensat ${path.toString('utf8')}`);
}

export function setTimesOf(fd: number, seconds: number): void {
	checked(futimens(fd, timespecs(seconds)), 'futimens');
}

export function makeFifo(path: Buffer, mode: number): void {
	checked(mkfifo(cPath(path), mode), `mkfifo ${path.toString('utf8')}`);
}

/** Makes a device node; the kernel lets a namespace's root make only 0:0, the overlay's whiteout. */
export function makeDevice(path: Buffer, type: 'char' | 'block', device: {readonly major: number; readonly minor: number}): void {
	const {major, minor} = {major: BigInt(device.major), minor: BigInt(device.minor)};
	// The encoding of glibc's and musl's makedev(3).
	const number = ((major & 0xfffn) << 8n) | ((major & 0xfffff000n) << 32n) | (minor & 0xffn) | ((minor & 0xffffff00n) << 12n);
	checked(mknod(cPath(path), (type === 'char' ? 0o020000 : 0o060000) | 0o600, number), `mknod ${path.toString('utf8')}`);
}

/** Marks a name as deleted for the overlay above. */
export function makeWhiteout(path: Buffer): void {
	makeDevice(path, 'char', {major: 0, minor: 0});
}

function timespecs(seconds: number): Buffer {
	const value = BigInt(seconds);
	times.writeBigInt64LE(value, 0);
	times.writeBigInt64LE(value, 16);
	return times;
}
