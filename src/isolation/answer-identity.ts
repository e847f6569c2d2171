import {readMemoryOf, writeMemoryOf} from '../host/process-memory.ts';
import {type Answer, type Caller, goOn, refuse, returns} from './answer.ts';
import type {CallOf} from './call-filter.ts';
import {type Credentials, type Ids, isPrivileged, keep, setAll, setFile, setOne, setRealAndEffective} from './credentials.ts';
import type {Identities} from './identities.ts';

/** Most supplementary groups (NGROUPS_MAX of linux/limits.h). */
const mostGroups = 65_536;

/** Tells a process who it is. */
export function identify(name: CallOf<'identify'>, values: readonly bigint[], caller: Caller, identities: Identities): Answer {
	const {user, group, groups} = identities.of(caller.thread);
	switch (name) {
		case 'getuid':
			return returns(user.real);
		case 'geteuid':
			return returns(user.effective);
		case 'getgid':
			return returns(group.real);
		case 'getegid':
			return returns(group.effective);
		case 'getresuid':
			return tellThree(user, values, caller);
		case 'getresgid':
			return tellThree(group, values, caller);
		case 'getgroups':
			return tellGroups(groups, values, caller);
	}
}

function tellThree(ids: Ids, values: readonly bigint[], caller: Caller): Answer {
	for (const [at, id] of [ids.real, ids.effective, ids.saved].entries())
		writeMemoryOf(caller.thread, {address: values[at] ?? 0n, bytes: words([id])}, () => caller.isWaiting());
	return returns(0);
}

function tellGroups(groups: readonly number[], [size = 0n, list = 0n]: readonly bigint[], caller: Caller): Answer {
	const room = Number(BigInt.asIntN(32, size));
	if (room === 0) return returns(groups.length);
	if (room < groups.length) return refuse('EINVAL');
	writeMemoryOf(caller.thread, {address: list, bytes: words(groups)}, () => caller.isWaiting());
	return returns(groups.length);
}

/** Makes a process somebody else, as far as the kernel would allow it who it is. */
export function become(name: CallOf<'become'>, values: readonly bigint[], caller: Caller, identities: Identities): Answer {
	const before = identities.of(caller.thread);
	const [first = 0, second = 0, third = 0] = values.map((value) => Number(BigInt.asUintN(32, value)));
	if (name === 'setgroups') return setGroups([first, values[1] ?? 0n], before, caller, identities);
	if (name === 'prctl') {
		const keepsRights = second !== 0;
		const may = keepsRights ? isPrivileged(before) : before.user.effective === 0;
		if (may) identities.become(caller.thread, {...before, keepsRights}, () => caller.isWaiting());
		return goOn;
	}
	const kind = name.includes('uid') ? 'user' : 'group';
	const ids = before[kind];
	const may = isPrivileged(before);
	if ((name === 'setuid' || name === 'setgid') && first === keep) return refuse('EINVAL');
	const after = {
		setuid: () => setOne(ids, first, may),
		setgid: () => setOne(ids, first, may),
		setreuid: () => setRealAndEffective(ids, [first, second], may),
		setregid: () => setRealAndEffective(ids, [first, second], may),
		setresuid: () => setAll(ids, [first, second, third], may),
		setresgid: () => setAll(ids, [first, second, third], may),
		setfsuid: () => setFile(ids, first, may),
		setfsgid: () => setFile(ids, first, may),
	}[name]();
	if (after === undefined) return refuse('EPERM');
	identities.become(caller.thread, {...before, [kind]: after}, () => caller.isWaiting());
	// setfsuid(2) and setfsgid(2) return the old id and never fail.
	return returns(name === 'setfsuid' || name === 'setfsgid' ? ids.file : 0);
}

function setGroups([count, list]: readonly [number, bigint], before: Credentials, caller: Caller, identities: Identities): Answer {
	if (!isPrivileged(before)) return refuse('EPERM');
	if (count > mostGroups) return refuse('EINVAL');
	const bytes = readMemoryOf(caller.thread, list, count * 4);
	// The kernel keeps them sorted and tells them so.
	const groups = Array.from({length: count}, (_, at) => bytes.readUInt32LE(at * 4)).sort((a, b) => a - b);
	if (groups.includes(keep)) return refuse('EINVAL');
	identities.become(caller.thread, {...before, groups}, () => caller.isWaiting());
	return returns(0);
}

function words(numbers: readonly number[]): Buffer {
	const bytes = Buffer.alloc(numbers.length * 4);
	for (const [at, number] of numbers.entries()) bytes.writeUInt32LE(number, at * 4);
	return bytes;
}
