import {closeSync, constants, openSync, readSync} from 'node:fs';
import {statx, statxSize} from './file-stat.ts';
import {cPath, errno, errnoNumber, libcFunction, SystemCallError} from './libc.ts';
import {openBeneath, openInRoot} from './open-in-root.ts';

const calls = {
	fchownat: libcFunction('int fchownat(int directory, void *path, uint uid, uint gid, int flags)') as (
		directory: number,
		path: Buffer,
		uid: number,
		gid: number,
		flags: number,
	) => number,
	newfstatat: libcFunction('syscall', 'long', ['long', 'int', 'void *', 'void *', 'int']) as (
		number: number,
		directory: number,
		path: Buffer,
		result: Buffer,
		flags: number,
	) => number | bigint,
	getxattr: libcFunction('long getxattr(void *path, void *name, void *value, ulong size)') as (
		path: Buffer,
		name: Buffer,
		value: Buffer,
		size: number,
	) => number | bigint,
	setxattr: libcFunction('int setxattr(void *path, void *name, void *value, ulong size, int flags)') as (
		path: Buffer,
		name: Buffer,
		value: Buffer,
		size: number,
		flags: number,
	) => number,
	removexattr: libcFunction('int removexattr(void *path, void *name)') as (path: Buffer, name: Buffer) => number,
};

const isArm = process.arch === 'arm64';
const newfstatatNumber = isArm ? 79 : 262;
const statSize = isArm ? 128 : 144;

/** O_PATH | O_CLOEXEC: a file as such, without opening what is in it (open(2)). */
const pathOnly = 0o10_000_000 | 0o2_000_000;
const emptyPath = 0x1000;
/** STATX_TYPE, MODE, UID, GID. */
const basicStats = 0x1b;
const value = Buffer.alloc(256);

/** A file that was found once and stays the same whatever happens to its name. The caller closes it. */
export class PathDescriptor {
	readonly number: number;

	/** Takes over a descriptor. */
	constructor(number: number) {
		this.number = number;
	}

	/** The file behind a path of this process, a last symlink followed: also `/proc/PID/fd/N`. */
	static open(path: string): PathDescriptor {
		return new PathDescriptor(openSync(path, pathOnly));
	}

	/** The file at `path` with every symlink on the way resolved inside `root`. */
	static openInRoot(root: string, path: string | Buffer, {followLast}: {readonly followLast: boolean}): PathDescriptor {
		return new PathDescriptor(openInRoot(root, path, pathOnly | (followLast ? 0 : constants.O_NOFOLLOW)));
	}

	/** The file at `path` below this directory; EXDEV when the way there leaves it. */
	openBeneath(path: string | Buffer, {followLast}: {readonly followLast: boolean}): PathDescriptor {
		return new PathDescriptor(openBeneath(this.number, path, pathOnly | (followLast ? 0 : constants.O_NOFOLLOW)));
	}

	/** Its type and permissions as in st_mode, and its owner as the kernel has it. */
	facts(): {readonly mode: number; readonly uid: number; readonly gid: number} {
		const stats = this.statx(0, basicStats);
		return {mode: stats.readUInt16LE(28), uid: stats.readUInt32LE(20), gid: stats.readUInt32LE(24)};
	}

	/** struct stat as the kernel writes it. */
	stat(): Buffer {
		const result = Buffer.alloc(statSize);
		this.#check(Number(calls.newfstatat(newfstatatNumber, this.number, Buffer.of(0), result, emptyPath)), 'newfstatat');
		return result;
	}

	/** struct statx as the kernel writes it. */
	statx(flags: number, mask: number): Buffer {
		const result = Buffer.alloc(statxSize);
		this.#check(statx(this.number, Buffer.of(0), {flags: flags | emptyPath, mask}, result), 'statx');
		return result;
	}

	/** At most so many bytes from its start. */
	read(length: number): Buffer {
		const descriptor = openSync(this.#path().subarray(0, -1), constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			const bytes = Buffer.alloc(length);
			return bytes.subarray(0, readSync(descriptor, bytes, 0, length, 0));
		} finally {
			closeSync(descriptor);
		}
	}

	close(): void {
		closeSync(this.number);
	}

	/** Throws SystemCallError. */
	chown(uid: number, gid: number): void {
		this.#check(calls.fchownat(this.number, Buffer.of(0), uid, gid, emptyPath), 'fchownat');
	}

	/** At most 256 bytes; undefined when there is none, or none can be. */
	getXattr(name: string): string | undefined {
		const length = Number(calls.getxattr(this.#path(), cPath(name), value, value.length));
		return length < 0 ? undefined : value.toString('latin1', 0, length);
	}

	setXattr(name: string, text: string): void {
		const bytes = Buffer.from(text, 'latin1');
		this.#check(calls.setxattr(this.#path(), cPath(name), bytes, bytes.length, 0), 'setxattr');
	}

	/** It is no error when there is none. */
	removeXattr(name: string): void {
		const result = calls.removexattr(this.#path(), cPath(name));
		if (result < 0 && errno() !== errnoNumber('ENODATA')) this.#check(result, 'removexattr');
	}

	/** The path of a name in this directory (latin1), for calls of this process. */
	at(name: string): Buffer {
		return Buffer.from(`/proc/self/fd/${this.number}/${name}`, 'latin1');
	}

	/** A name of the file that xattr calls follow: they refuse descriptors opened with O_PATH. */
	#path(): Buffer {
		return cPath(`/proc/self/fd/${this.number}`);
	}

	#check(result: number, call: string): void {
		if (result < 0) throw new SystemCallError(call, errno());
	}
}
