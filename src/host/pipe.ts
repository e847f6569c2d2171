import {checked, libcFunction} from './libc.ts';

const pipe = libcFunction('int pipe2(_Out_ int *descriptors, int flags)') as (descriptors: Int32Array, flags: number) => number;
const closeOnExec = 0x8_0000;

/** Both descriptors are close-on-exec; the caller closes them. */
export interface Pipe {
	readonly readEnd: number;
	readonly writeEnd: number;
}

/** pipe(7). What Node gives a child as a `pipe` is a socket, which cannot be opened again by way of /dev/stdout or /proc/self/fd (ENXIO). */
export function openPipe(): Pipe {
	const descriptors = new Int32Array(2);
	checked(pipe(descriptors, closeOnExec), 'pipe2');
	const [readEnd = -1, writeEnd = -1] = descriptors;
	return {readEnd, writeEnd};
}
