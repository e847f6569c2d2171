import {closeSync, constants, fstatSync, readSync} from 'node:fs';
import {ownerOutOfRange, unknownOwner, unusableAccountFile} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {openInRoot} from '../host/open-in-root.ts';
import {parseGroup, parseId, parsePasswd} from './account-files.ts';
import type {GroupLine, PasswdLine} from './account-files.ts';

export interface User {
	readonly uid: number;
	readonly gid: number;
	/** Supplementary groups. */
	readonly groups: readonly number[];
	readonly home: string;
}

const passwdFile = '/etc/passwd';
const groupFile = '/etc/group';
const largestFile = 10 << 20;
const absent = new Set(['ENOENT', 'ENOTDIR']);

/** Who `USER name|uid[:group|gid]` is in the image at `root`, as runc finds out; empty is root. Throws BuildError for unknown names. */
export function lookupUser(root: string, spec: string): User {
	const [userText, groupText] = splitSpec(spec);
	const users = parsePasswd(readAccountFile(root, passwdFile));
	const user = findUser(userText, users);
	const groups = parseGroup(readAccountFile(root, groupFile));
	if (groupText !== '') return {uid: user.uid, gid: findGroup(groupText, groups), home: user.home, groups: []};
	const supplementary = groups.filter((group) => user.name !== undefined && group.members.includes(user.name)).map((group) => group.gid);
	return {uid: user.uid, gid: user.gid, home: user.home, groups: supplementary};
}

/** Whom `--chown=USER[:GROUP]` means: a number without a group is its own group, a name's group is its login group. Throws BuildError. */
export function lookupOwner(root: string, spec: string): {readonly uid: number; readonly gid: number} {
	const [userText, groupText] = splitSpec(spec);
	let owner = {uid: 0, gid: 0};
	if (isNumber(userText)) {
		const id = requireId('user', userText);
		owner = {uid: id, gid: id};
	} else if (userText !== '') {
		const line = parsePasswd(readAccountFile(root, passwdFile)).find((user) => user.name === userText);
		if (line === undefined) throw new BuildError(unknownOwner('user', userText, passwdFile));
		owner = {uid: line.uid, gid: line.gid};
	}
	if (groupText === '') return owner;
	if (isNumber(groupText)) return {...owner, gid: requireId('group', groupText)};
	const group = parseGroup(readAccountFile(root, groupFile)).find((line) => line.name === groupText);
	if (group === undefined) throw new BuildError(unknownOwner('group', groupText, groupFile));
	return {...owner, gid: group.gid};
}

/** True when `USER[:GROUP]` is the same whatever the account files say. */
export function isNumericOwner(spec: string): boolean {
	return splitSpec(spec).every((part) => part === '' || isNumber(part));
}

function splitSpec(spec: string): [user: string, group: string] {
	const colon = spec.indexOf(':');
	return colon === -1 ? [spec, ''] : [spec.slice(0, colon), spec.slice(colon + 1)];
}

function findUser(text: string, users: readonly PasswdLine[]): {name?: string; uid: number; gid: number; home: string} {
	const wanted = text === '' ? 0 : isNumber(text) ? requireId('user', text) : undefined;
	const line = users.find((user) => user.name === text || (wanted !== undefined && user.uid === wanted));
	if (line !== undefined) return {name: line.name, uid: line.uid, gid: line.gid, home: line.home === '' ? '/' : line.home};
	if (wanted === undefined) throw new BuildError(unknownOwner('user', text, passwdFile));
	return {uid: wanted, gid: 0, home: '/'};
}

function findGroup(text: string, groups: readonly GroupLine[]): number {
	const wanted = isNumber(text) ? requireId('group', text) : undefined;
	const line = groups.find((group) => group.name === text || (wanted !== undefined && group.gid === wanted));
	if (line !== undefined) return line.gid;
	if (wanted === undefined) throw new BuildError(unknownOwner('group', text, groupFile));
	return wanted;
}

function isNumber(text: string): boolean {
	return /^[\-+]?\d+$/v.test(text);
}

function requireId(kind: 'user' | 'group', text: string): number {
	const id = parseId(text);
	if (id === undefined) throw new BuildError(ownerOutOfRange(kind, text));
	return id;
}

/** Text of an account file inside the root, '' when it is missing; regular files of at most 10 MiB only, so that no fifo or device hangs the build. */
function readAccountFile(root: string, path: string): string {
	let fd: number;
	try {
		fd = openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		if (absent.has(code)) return '';
		throw new BuildError(unusableAccountFile(path, `opening it gives ${code}`), {cause: error});
	}
	try {
		const stat = fstatSync(fd);
		if (!stat.isFile()) throw new BuildError(unusableAccountFile(path, 'it is no regular file'));
		if (stat.size > largestFile) throw new BuildError(unusableAccountFile(path, `it has ${stat.size} bytes; the most is ${largestFile}`));
		const bytes = Buffer.alloc(stat.size);
		let length = 0;
		for (let got = -1; got !== 0 && length < bytes.length; length += got) got = readSync(fd, bytes, length, bytes.length - length, null);
		return bytes.toString('utf8', 0, length);
	} finally {
		closeSync(fd);
	}
}
