import koffi from 'koffi';

/** The C library of this process itself (glibc or musl). */
export const libc = koffi.load(null);

const nameOfErrno = new Map<number, string>(Object.entries(koffi.os.errno).map(([name, number]) => [number, name]));

/** A system call that returned an error: `code` is the errno's name, `call` what was tried. */
export class SystemCallError extends Error {
	override readonly name = 'SystemCallError';
	readonly code: string;
	readonly errno: number;
	readonly call: string;

	constructor(call: string, errno: number, detail = '') {
		const code = errnoName(errno);
		super(`${call}: ${code}${detail === '' ? '' : ` (${detail})`}`);
		this.code = code;
		this.errno = errno;
		this.call = call;
	}
}

/** Passes a result through, or throws what errno says when it is negative. */
export function checked(result: number | bigint, call: string): number {
	const value = Number(result);
	if (value < 0) throw new SystemCallError(call, koffi.errno());
	return value;
}

/** The name of an errno number: ENOENT. */
export function errnoName(errno: number): string {
	return nameOfErrno.get(errno) ?? `errno ${errno}`;
}

/** errno's name after a call that returned a negative number. */
export function lastErrno(): string {
	return errnoName(koffi.errno());
}

/** A path as the kernel takes it: bytes and a terminating NUL. Throws RangeError for a path with a NUL inside. */
export function cPath(path: Buffer | string): Buffer {
	const bytes = typeof path === 'string' ? Buffer.from(path, 'utf8') : path;
	if (bytes.includes(0)) throw new RangeError('a path cannot hold a NUL byte');
	return Buffer.concat([bytes, Buffer.of(0)]);
}
