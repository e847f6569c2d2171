import {checked, libcFunction} from './libc.ts';

const pipe = libcFunction('int pipe2(_Out_ int *descriptors, int flags)') as (descriptors: Int32Array, flags: number) => number;
const socketpair = libcFunction('int socketpair(int domain, int type, int protocol, _Out_ int *descriptors)') as (
	domain: number,
	type: number,
	protocol: number,
	descriptors: Int32Array,
) => number;
const closeOnExec = 0x8_0000;
const [unixDomain, streamType] = [1, 1];

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

const setDescriptorFlags = 2;
const control = libcFunction('int fcntl(int fd, int command, int flags)') as (fd: number, command: number, flags: number) => number;

/** Programs that are started from now on do not get the descriptor. */
export function keepFromPrograms(descriptor: number): void {
	checked(control(descriptor, setDescriptorFlags, 1), 'fcntl');
}

/** Two connected stream sockets (socketpair(2)), both close-on-exec; the caller closes them. */
export function openSocketPair(): readonly [number, number] {
	const descriptors = new Int32Array(2);
	checked(socketpair(unixDomain, streamType | closeOnExec, 0, descriptors), 'socketpair');
	const [one = -1, other = -1] = descriptors;
	return [one, other];
}
