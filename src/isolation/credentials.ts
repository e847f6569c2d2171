/** The four ids of a kind that a process has (credentials(7)). */
export interface Ids {
	readonly real: number;
	readonly effective: number;
	readonly saved: number;
	/** For access to files: the effective one unless setfsuid(2) changes it. */
	readonly file: number;
}

/** Who a process is. */
export interface Credentials {
	readonly user: Ids;
	readonly group: Ids;
	/** Supplementary groups. */
	readonly groups: readonly number[];
	/** It keeps root's rights when it becomes somebody else, until it becomes another program (PR_SET_KEEPCAPS of prctl(2)). */
	readonly keepsRights?: boolean;
}

/** An argument that leaves an id as it is; as an id itself the kernel refuses it. */
export const keep = 0xffff_ffff;

/** The same id four times. */
export function allAs(id: number): Ids {
	return {real: id, effective: id, saved: id, file: id};
}

/** True for who may become anybody and give files away. Capabilities are not kept apart: they follow the effective user id (capabilities(7)). */
export function isPrivileged({user, keepsRights}: Credentials): boolean {
	return user.effective === 0 || keepsRights === true;
}

/** setuid(2), setgid(2). Undefined: not permitted, here and below. */
export function setOne(ids: Ids, id: number, mayAnything: boolean): Ids | undefined {
	if (mayAnything) return allAs(id);
	return id === ids.real || id === ids.saved ? {...ids, effective: id, file: id} : undefined;
}

/** setreuid(2), setregid(2). */
export function setRealAndEffective(ids: Ids, [real, effective]: readonly [number, number], mayAnything: boolean): Ids | undefined {
	if (!mayAnything) {
		if (![keep, ids.real, ids.effective].includes(real)) return undefined;
		if (![keep, ids.real, ids.effective, ids.saved].includes(effective)) return undefined;
	}
	const now = effective === keep ? ids.effective : effective;
	const isSaved = real !== keep || (effective !== keep && effective !== ids.real);
	return {real: real === keep ? ids.real : real, effective: now, saved: isSaved ? now : ids.saved, file: now};
}

/** setresuid(2), setresgid(2). */
export function setAll(ids: Ids, wanted: readonly [real: number, effective: number, saved: number], mayAnything: boolean): Ids | undefined {
	const own = new Set([keep, ids.real, ids.effective, ids.saved]);
	if (!mayAnything && !wanted.every((id) => own.has(id))) return undefined;
	const [real, effective, saved] = [ids.real, ids.effective, ids.saved].map((id, at) => (wanted[at] === keep ? id : (wanted[at] ?? id)));
	const now = effective ?? ids.effective;
	return {real: real ?? ids.real, effective: now, saved: saved ?? ids.saved, file: now};
}

/** setfsuid(2), setfsgid(2): what is not permitted changes nothing. */
export function setFile(ids: Ids, id: number, mayAnything: boolean): Ids {
	const isAllowed = id !== keep && (mayAnything || [ids.real, ids.effective, ids.saved, ids.file].includes(id));
	return isAllowed ? {...ids, file: id} : ids;
}

const setUserId = 0o4000;
/** Set-group-ID counts with the right to execute for the group only; without, it marks a file for mandatory locks. */
const setGroupId = 0o2010;

/** What a process is after it became the program in a file (execve(2)). */
export function afterProgram(before: Credentials, file: {readonly mode: number; readonly uid: number; readonly gid: number}): Credentials {
	const become = (ids: Ids, id: number): Ids => ({real: ids.real, effective: id, saved: id, file: id});
	return {
		user: become(before.user, (file.mode & setUserId) === 0 ? before.user.effective : file.uid),
		group: become(before.group, (file.mode & setGroupId) === setGroupId ? file.gid : before.group.effective),
		groups: before.groups,
	};
}

/** Rights on a file as in a digit of its mode. */
export const rights = {read: 4, write: 2, execute: 1} as const;

/** True when somebody has the rights by the mode of a file (path_resolution(7)); `id`s are those that count, root's and others' alike. */
export function isAllowed(
	file: {readonly mode: number; readonly uid: number; readonly gid: number},
	who: {readonly user: number; readonly group: number; readonly groups: readonly number[]},
	wanted: number,
): boolean {
	const isDirectory = (file.mode & 0o170_000) === 0o040_000;
	// Root may everything, but run only what somebody may run.
	if (who.user === 0) return (wanted & rights.execute) === 0 || isDirectory || (file.mode & 0o111) !== 0;
	const shift = who.user === file.uid ? 6 : who.group === file.gid || who.groups.includes(file.gid) ? 3 : 0;
	return ((file.mode >> shift) & wanted) === wanted;
}
