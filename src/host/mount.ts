import {closeSync} from 'node:fs';
import {checked, errno, libcFunction, SystemCallError} from './libc.ts';

type Call<Args extends readonly unknown[]> = (...args: Args) => number | bigint;

const syscall = {
	fsopen: libcFunction('syscall', 'long', ['long', 'str', 'uint']) as Call<[number: number, type: string, flags: number]>,
	fsconfig: libcFunction('syscall', 'long', ['long', 'int', 'uint', 'str', 'str', 'int']) as Call<
		[number: number, context: number, command: number, key: string | null, value: string | null, auxiliary: number]
	>,
	fsmount: libcFunction('syscall', 'long', ['long', 'int', 'uint', 'uint']) as Call<
		[number: number, context: number, flags: number, attributes: number]
	>,
};
const mountCall = libcFunction(
	'int mount(const char* source, const char* target, const char* type, ulong flags, const char* data)',
) as Call<[source: string, target: string, type: string | null, flags: number, data: string | null]>;
const umountCall = libcFunction('int umount2(const char* target, int flags)') as Call<[target: string, flags: number]>;
const readCall = libcFunction('long read(int fd, _Out_ uint8_t* buffer, ulong size)') as Call<
	[descriptor: number, buffer: Buffer, size: number]
>;

/** Same numbers on every architecture since Linux 5.2 (asm-generic/unistd.h). */
const numbers = {fsopen: 430, fsconfig: 431, fsmount: 432} as const;
const closeOnExec = 1;
const setString = 1;
const setFlag = 0;
const create = 6;

export const mountFlags = {readOnly: 1, noSetuid: 2, noDevices: 4, noExec: 8, bind: 4096, recursive: 16_384, private: 1 << 18} as const;

/** mount(2); options over 4095 bytes are refused here because the kernel would cut them silently. */
export function mount(source: string, target: string, type: string | null, flags: number, options: string | null = null): void {
	if (options !== null && Buffer.byteLength(options) > 4095) throw new RangeError('mount options are longer than 4095 bytes');
	checked(mountCall(source, target, type, flags, options), `mount ${type ?? 'bind'} on ${target}`);
}

/** umount2(2) with MNT_DETACH. */
export function unmount(target: string): void {
	checked(umountCall(target, 2), `umount ${target}`);
}

/** A mount that is attached nowhere: reachable through `path` until it is closed. */
export interface DetachedMount {
	readonly path: string;
	close(): void;
}

/** Options of a file system context in order; `true` is a flag. Throws SystemCallError with the kernel's own words. */
export function mountDetached(
	type: string,
	options: readonly (readonly [key: string, value: string | true])[],
	readOnly = false,
): DetachedMount {
	const context = checked(syscall.fsopen(numbers.fsopen, type, closeOnExec) as number, `fsopen ${type}`);
	try {
		for (const [key, value] of options) {
			if (value === true) configure(context, setFlag, key, null);
			else configure(context, setString, key, value);
		}
		configure(context, create, null, null);
		const fd = checked(syscall.fsmount(numbers.fsmount, context, closeOnExec, readOnly ? 1 : 0) as number, `fsmount ${type}`);
		return {path: `/proc/self/fd/${fd}`, close: () => closeSync(fd)};
	} finally {
		closeSync(context);
	}
}

function configure(context: number, command: number, key: string | null, value: string | null): void {
	if (Number(syscall.fsconfig(numbers.fsconfig, context, command, key, value, 0)) >= 0) return;
	const number = errno();
	const message = Buffer.alloc(1024);
	const size = Number(readCall(context, message, message.length));
	throw new SystemCallError(`fsconfig ${key ?? 'create'}`, number, size > 0 ? message.toString('utf8', 0, size).trim() : '');
}

/**
 * Whether overlayfs takes lower directories one by one (`lowerdir+`, Linux 6.8), without the limit of an option string. It is mounted for that:
 * before Linux 6.5 a context of overlayfs takes every option, and only making the file system says EINVAL.
 */
export function takesLowersOneByOne(one: string, two: string): boolean {
	try {
		const lowers = [one, two].map((lower) => ['lowerdir+', lower] as const);
		mountDetached('overlay', [...lowers, ['userxattr', true]], true).close();
		return true;
	} catch {
		return false;
	}
}
