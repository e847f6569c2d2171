import {closeSync} from 'node:fs';
import {checked, libcFunction} from './libc.ts';

const call = libcFunction('syscall', 'long', ['long', 'int', 'int', 'uint']) as (
	number: number,
	first: number,
	second: number,
	flags: number,
) => number | bigint;
/** The same numbers on every architecture. */
const pidfdOpen = 434;
const pidfdGetfd = 438;

/** A copy of another process's descriptor (pidfd_getfd(2); needs the right to trace it). The caller closes it. */
export function copyDescriptor(pid: number, descriptor: number): number {
	const process = checked(call(pidfdOpen, pid, 0, 0), 'pidfd_open');
	try {
		return checked(call(pidfdGetfd, process, descriptor, 0), 'pidfd_getfd');
	} finally {
		closeSync(process);
	}
}
