import type {Owner} from '../core/owner-mark.ts';
import type {Architecture} from './architecture.ts';
import {
	allow,
	argumentOffset,
	archOffset,
	type Bpf,
	encodeFilter,
	give,
	jumpAnySet,
	jumpEqual,
	jumpGreater,
	loadWord,
	numberOffset,
} from './bpf.ts';

/** SECCOMP_RET_USER_NOTIF (seccomp_unotify(2)). */
const notify: Bpf = [give, 0, 0, 0x7fc0_0000];

/** Calls that the builder answers for the kernel; some architectures lack the older ones. */
export const answeredCalls = {
	change: ['chown', 'lchown', 'fchown', 'fchownat'],
	tell: ['stat', 'lstat', 'fstat', 'newfstatat', 'statx'],
	identify: ['getuid', 'geteuid', 'getgid', 'getegid', 'getresuid', 'getresgid', 'getgroups'],
	become: ['setuid', 'setgid', 'setreuid', 'setregid', 'setresuid', 'setresgid', 'setfsuid', 'setfsgid', 'setgroups', 'prctl'],
	access: ['access', 'faccessat', 'faccessat2'],
	start: ['execve', 'execveat'],
	create: ['open', 'openat', 'openat2', 'creat', 'mkdir', 'mkdirat', 'mknod', 'mknodat', 'symlink', 'symlinkat'],
} as const;

export type CallKind = keyof typeof answeredCalls;
export type CallOf<K extends CallKind> = (typeof answeredCalls)[K][number];
export type AnsweredCall = {readonly [K in CallKind]: {readonly kind: K; readonly name: CallOf<K>}}[CallKind];

/** Which argument of a call has its flags; only those that make a file matter. */
const flagsAt: Readonly<Record<string, number>> = {open: 1, openat: 2};
/** O_CREAT and what makes O_TMPFILE of O_DIRECTORY (open(2)); the same on every architecture. */
const creates = 0o20_000_100;

/** PR_SET_KEEPCAPS: of what prctl(2) does the only thing that matters. */
const keepCapabilities = 8;

/** Which arguments of a call are the new ids. */
const idsAt: Readonly<Record<CallOf<'change'>, readonly [uid: number, gid: number]>> = {
	chown: [1, 2],
	lchown: [1, 2],
	fchown: [1, 2],
	fchownat: [2, 3],
};

/** Sends every call to the builder that has to do with ids, for a step whose user namespace has one. `struct sock_filter[]` as bytes. */
export function everyIdFilter(architecture: Architecture): Buffer {
	const calls = Object.values(answeredCalls).flat();
	return filterOf(architecture, calls, (call) => {
		if (call === 'prctl') return [[loadWord, 0, 0, argumentOffset(0)], [jumpEqual, 0, 1, keepCapabilities], notify, allow];
		const flags = flagsAt[call];
		if (flags === undefined) return [notify];
		return [[loadWord, 0, 0, argumentOffset(flags)], [jumpAnySet, 0, 1, creates], notify, allow];
	});
}

/** Sends the calls to the builder that give a file to somebody beyond the largest ids of the user namespace. */
export function farIdFilter(architecture: Architecture, largest: Owner): Buffer {
	return filterOf(architecture, answeredCalls.change, (call) => {
		const [uid, gid] = idsAt[call];
		return [...whenBeyond(uid, largest.uid), ...whenBeyond(gid, largest.gid), allow];
	});
}

/** -1 stands for an id that stays. */
function whenBeyond(argument: number, largest: number): Bpf[] {
	return [[loadWord, 0, 0, argumentOffset(argument)], [jumpGreater, 0, 2, largest], [jumpEqual, 1, 0, 0xffff_ffff], notify];
}

function filterOf<C extends string>(architecture: Architecture, calls: readonly C[], verdict: (call: C) => readonly Bpf[]): Buffer {
	return encodeFilter([
		[loadWord, 0, 0, archOffset],
		[jumpEqual, 1, 0, architecture.audit],
		allow,
		[loadWord, 0, 0, numberOffset],
		...calls
			.filter((call) => architecture.has(call))
			.flatMap((call): Bpf[] => {
				const body = verdict(call);
				return [[jumpEqual, 0, body.length, architecture.number(call)], ...body];
			}),
		allow,
	]);
}

const known = new Map<Architecture['name'], ReadonlyMap<number, AnsweredCall>>();

/** The call that a number means; undefined when it is not answered. */
export function answeredCall(number: number, architecture: Architecture): AnsweredCall | undefined {
	const table = known.get(architecture.name) ?? tableOf(architecture);
	known.set(architecture.name, table);
	return table.get(number);
}

function tableOf(architecture: Architecture): ReadonlyMap<number, AnsweredCall> {
	const calls = Object.entries(answeredCalls).flatMap(([kind, names]) => names.map((name) => ({kind, name}) as AnsweredCall));
	return new Map(calls.filter(({name}) => architecture.has(name)).map((call) => [architecture.number(call.name), call]));
}
