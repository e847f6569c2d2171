import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import type koffiModule from 'koffi';

let loaded: typeof koffiModule | undefined;
let library: Library | undefined;

/** Loaded by the first call that needs it: a build of hits needs none. */
export function koffi(): typeof koffiModule {
	loaded ??= loadKoffi();
	return loaded;
}

/** Its prebuilt module where that is known to be the one for glibc: to find that out takes koffi itself 6 of 8 ms. */
function loadKoffi(): typeof koffiModule {
	const load = createRequire(import.meta.url);
	if (!existsSync('/lib/ld-musl-x86_64.so.1') && !existsSync('/lib/ld-musl-aarch64.so.1')) {
		try {
			return load(`@koromix/koffi-linux-${process.arch}/linux_${process.arch}/koffi.node`) as typeof koffiModule;
		} catch {
			// It may be elsewhere.
		}
	}
	return load('koffi') as typeof koffiModule;
}

type Library = ReturnType<typeof koffiModule.load>;
type Declaration = readonly [string] | readonly [string, string, readonly string[]];

function declare(declaration: Declaration): ReturnType<Library['func']> {
	library ??= koffi().load(null);
	return library.func(...(declaration as [string]));
}

/** A function of the C library of this process itself (glibc or musl), as koffi declares it, looked up when it is first called. */
export function libcFunction(...declaration: Declaration): (...args: never[]) => unknown {
	let found: ((...args: never[]) => unknown) | undefined;
	return (...args) => {
		found ??= declare(declaration) as (...args: never[]) => unknown;
		return found(...args);
	};
}

/** The same, called by a thread of libuv's pool. */
export function libcWork(...declaration: Declaration): (...args: never[]) => Promise<unknown> {
	let found: ReturnType<Library['func']> | undefined;
	return (...args) => {
		found ??= declare(declaration);
		const {async: start} = found;
		return new Promise((resolve, reject) => {
			start(...args, (error: Error | null, result: unknown) => (error === null ? resolve(result) : reject(error)));
		});
	};
}

let nameOfErrno: ReadonlyMap<number, string> | undefined;

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
	if (value < 0) throw new SystemCallError(call, errno());
	return value;
}

/** What the last call of this thread that failed has left. */
export function errno(): number {
	return koffi().errno();
}

/** The number of an errno name; undefined for an unknown one. */
export function errnoNumber(name: string): number | undefined {
	return koffi().os.errno[name];
}

/** The name of an errno number: ENOENT. */
export function errnoName(errno: number): string {
	nameOfErrno ??= new Map(Object.entries(koffi().os.errno).map(([name, number]) => [number, name]));
	return nameOfErrno.get(errno) ?? `errno ${errno}`;
}

/** errno's name after a call that returned a negative number. */
export function lastErrno(): string {
	return errnoName(errno());
}

/** A path as the kernel takes it: bytes and a terminating NUL. Throws RangeError for a path with a NUL inside. */
export function cPath(path: Buffer | string): Buffer {
	const bytes = typeof path === 'string' ? Buffer.from(path, 'utf8') : path;
	if (bytes.includes(0)) throw new RangeError('a path cannot hold a NUL byte');
	return Buffer.concat([bytes, Buffer.of(0)]);
}
