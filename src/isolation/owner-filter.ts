import type {Architecture} from './architecture.ts';
import {allow, archOffset, type Bpf, encodeFilter, give, jumpEqual, loadWord, numberOffset} from './bpf.ts';

/** SECCOMP_RET_USER_NOTIF (seccomp_unotify(2)). */
const notify: Bpf = [give, 0, 0, 0x7fc0_0000];
/** SECCOMP_RET_ERRNO with errno 0: the call is not made and returns 0. */
const pretend: Bpf = [give, 0, 0, 0x0005_0000];

/** Calls that give files to somebody, and calls that tell whose they are; some architectures lack the older ones. */
const ownerCalls = ['chown', 'lchown', 'fchown', 'fchownat', 'stat', 'lstat', 'fstat', 'newfstatat', 'statx'] as const;
const identityCalls = ['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setgroups', 'setfsuid', 'setfsgid'] as const;

export type OwnerCall = (typeof ownerCalls)[number];

/**
 * The filter of a step whose user namespace has one id: calls about owners go to the builder, and changes of identity succeed without being
 * made. `struct sock_filter[]` as bytes.
 */
export function ownerFilter(architecture: Architecture): Buffer {
	return encodeFilter([
		[loadWord, 0, 0, archOffset],
		[jumpEqual, 1, 0, architecture.audit],
		allow,
		[loadWord, 0, 0, numberOffset],
		...numbersOf(ownerCalls, architecture).flatMap((number): Bpf[] => [[jumpEqual, 0, 1, number], notify]),
		...numbersOf(identityCalls, architecture).flatMap((number): Bpf[] => [[jumpEqual, 0, 1, number], pretend]),
		allow,
	]);
}

/** The call about owners that a number means. */
export function ownerCall(number: number, architecture: Architecture): OwnerCall | undefined {
	return ownerCalls.find((call) => architecture.has(call) && architecture.number(call) === number);
}

function numbersOf(calls: readonly string[], architecture: Architecture): readonly number[] {
	return calls.filter((call) => architecture.has(call)).map((call) => architecture.number(call));
}
