import type {CallOf} from './call-filter.ts';

/** Where a call says its file is: `path` is an address in the memory of the process; relative to its working directory or to a descriptor. */
export interface PathPlace {
	readonly path: bigint;
	readonly from: 'cwd' | number;
	readonly followLast: boolean;
	readonly mayBeEmpty: boolean;
}

export type FilePlace = {readonly descriptor: number} | PathPlace;

/** A change of owner; `keep` of credentials.ts stands for an id that stays. */
export interface ChangeArguments {
	readonly file: FilePlace;
	readonly uid: number;
	readonly gid: number;
}

/** A question for a file's status. The result goes to an address in the memory of the process. */
export type TellArguments = {readonly file: FilePlace; readonly to: bigint} & (
	| {readonly form: 'stat'}
	| {readonly form: 'statx'; readonly flags: number; readonly mask: number}
);

/** A question for rights (bits of credentials.ts), by the real ids or by those that count for files. */
export interface AccessArguments {
	readonly file: FilePlace;
	readonly wanted: number;
	readonly by: 'real' | 'file';
}

/** Something to be made at a path; addresses lie in the memory of the process. */
export type CreateArguments =
	| {readonly what: 'file'; readonly place: PathPlace; readonly flags: number; readonly mode: number}
	/** Flags and mode are in a struct open_how (openat2(2)). */
	| {readonly what: 'described'; readonly place: PathPlace; readonly how: bigint}
	| {readonly what: 'directory'; readonly place: PathPlace; readonly mode: number}
	/** `mode` holds the type, too. */
	| {readonly what: 'node'; readonly place: PathPlace; readonly mode: number}
	| {readonly what: 'symlink'; readonly place: PathPlace; readonly target: bigint};

type Values = readonly bigint[];

const currentDirectory = -100;
const noFollow = 0x100;
const byEffectiveIds = 0x200;
const emptyPath = 0x1000;
/** O_WRONLY | O_CREAT | O_TRUNC: what creat(2) stands for. */
const create = 0o1101;

export function readChange(
	call: CallOf<'change'>,
	[first = 0n, second = 0n, third = 0n, fourth = 0n, fifth = 0n]: Values,
): ChangeArguments {
	switch (call) {
		case 'chown':
		case 'lchown':
			return {file: atPath(first, call === 'chown'), uid: unsigned(second), gid: unsigned(third)};
		case 'fchown':
			return {file: {descriptor: signed(first)}, uid: unsigned(second), gid: unsigned(third)};
		case 'fchownat':
			return {file: relativeTo(first, second, signed(fifth)), uid: unsigned(third), gid: unsigned(fourth)};
	}
}

export function readTell(call: CallOf<'tell'>, [first = 0n, second = 0n, third = 0n, fourth = 0n, fifth = 0n]: Values): TellArguments {
	switch (call) {
		case 'stat':
		case 'lstat':
			return {file: atPath(first, call === 'stat'), to: second, form: 'stat'};
		case 'fstat':
			return {file: {descriptor: signed(first)}, to: second, form: 'stat'};
		case 'newfstatat':
			return {file: relativeTo(first, second, signed(fourth)), to: third, form: 'stat'};
		case 'statx': {
			const flags = signed(third);
			return {file: relativeTo(first, second, flags), to: fifth, form: 'statx', flags, mask: unsigned(fourth)};
		}
	}
}

/** faccessat(2) has no flags: those of the C library's function make the other call. */
export function readAccess(call: CallOf<'access'>, [first = 0n, second = 0n, third = 0n, fourth = 0n]: Values): AccessArguments {
	if (call === 'access') return {file: atPath(first, true), wanted: signed(second), by: 'real'};
	const flags = call === 'faccessat2' ? signed(fourth) : 0;
	return {file: relativeTo(first, second, flags), wanted: signed(third), by: (flags & byEffectiveIds) === 0 ? 'real' : 'file'};
}

/** The file of the program that is to be started. */
export function readStart(call: CallOf<'start'>, [first = 0n, second = 0n, , , fifth = 0n]: Values): FilePlace {
	return call === 'execve' ? atPath(first, true) : relativeTo(first, second, signed(fifth));
}

export function readCreate(call: CallOf<'create'>, [first = 0n, second = 0n, third = 0n, fourth = 0n]: Values): CreateArguments {
	switch (call) {
		case 'open':
			return {what: 'file', place: atPath(first, true), flags: signed(second), mode: unsigned(third)};
		case 'creat':
			return {what: 'file', place: atPath(first, true), flags: create, mode: unsigned(second)};
		case 'openat':
			return {what: 'file', place: relativeTo(first, second, 0), flags: signed(third), mode: unsigned(fourth)};
		case 'openat2':
			return {what: 'described', place: relativeTo(first, second, 0), how: third};
		case 'mkdir':
			return {what: 'directory', place: atPath(first, false), mode: unsigned(second)};
		case 'mkdirat':
			return {what: 'directory', place: relativeTo(first, second, noFollow), mode: unsigned(third)};
		case 'mknod':
			return {what: 'node', place: atPath(first, false), mode: unsigned(second)};
		case 'mknodat':
			return {what: 'node', place: relativeTo(first, second, noFollow), mode: unsigned(third)};
		case 'symlink':
			return {what: 'symlink', place: atPath(second, false), target: first};
		case 'symlinkat':
			return {what: 'symlink', place: relativeTo(second, third, noFollow), target: first};
	}
}

function atPath(path: bigint, followLast: boolean): PathPlace {
	return {path, from: 'cwd', followLast, mayBeEmpty: false};
}

function relativeTo(descriptor: bigint, path: bigint, flags: number): PathPlace {
	const from = signed(descriptor);
	return {
		path,
		from: from === currentDirectory ? 'cwd' : from,
		followLast: (flags & noFollow) === 0,
		mayBeEmpty: (flags & emptyPath) !== 0,
	};
}

function signed(argument: bigint): number {
	return Number(BigInt.asIntN(32, argument));
}

function unsigned(argument: bigint): number {
	return Number(BigInt.asUintN(32, argument));
}
