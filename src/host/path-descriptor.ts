import {closeSync, constants, openSync} from 'node:fs';
import koffi from 'koffi';
import {bornIn, statsAndBirth, statx, statxSize} from './file-stat.ts';
import {cPath, libc, SystemCallError} from './libc.ts';
import {openBeneath, openInRoot} from './open-in-root.ts';

const calls = {
	fchownat: libc.func('int fchownat(int directory, void *path, uint uid, uint gid, int flags)') as (
		directory: number,
		path: Buffer,
		uid: number,
		gid: number,
		flags: number,
	) => number,
	newfstatat: libc.func('syscall', 'long', ['long', 'int', 'void *', 'void *', 'int']) as (
		number: number,
		directory: number,
		path: Buffer,
		result: Buffer,
		flags: number,
	) => number | bigint,
	getxattr: libc.func('long getxattr(void *path, void *name, void *value, ulong size)') as (
		path: Buffer,
		name: Buffer,
		value: Buffer,
		size: number,
	) => number | bigint,
	setxattr: libc.func('int setxattr(void *path, void *name, void *value, ulong size, int flags)') as (
		path: Buffer,
		name: Buffer,
		value: Buffer,
		size: number,
		flags: number,
	) => number,
	removexattr: libc.func('int removexattr(void *path, void *name)') as (path: Buffer, name: Buffer) => number,
};

const isArm = process.arch === 'arm64';
const newfstatatNumber = isArm ? 79 : 262;
const statSize = isArm ? 128 : 144;

/** O_PATH | O_CLOEXEC: a file as such, without opening what is in it (open(2)). */
const pathOnly = 0o10_000_000 | 0o2_000_000;
const emptyPath = 0x1000;
const value = Buffer.alloc(256);

/** A file that was found once and stays the same whatever happens to its name. The caller closes it. */
export class PathDescriptor {
	readonly number: number;

	private constructor(number: number) {
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

	/** Its inode number and time of birth (FileStat), and whether it can have user xattrs (xattr(7)): regular files and directories can. */
	identity(): {readonly inode: bigint; readonly born: bigint; readonly isPlain: boolean} {
		const stats = this.statx(0, statsAndBirth);
		const format = stats.readUInt16LE(28) & constants.S_IFMT;
		return {inode: stats.readBigUInt64LE(32), born: bornIn(stats), isPlain: format === constants.S_IFREG || format === constants.S_IFDIR};
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

	removeXattr(name: string): void {
		this.#check(calls.removexattr(this.#path(), cPath(name)), 'removexattr');
	}

	/** A name of the file that xattr calls follow: they refuse descriptors opened with O_PATH. */
	#path(): Buffer {
		return cPath(`/proc/self/fd/${this.number}`);
	}

	#check(result: number, call: string): void {
		if (result < 0) throw new SystemCallError(call, koffi.errno());
	}
}
