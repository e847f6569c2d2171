import type {OwnerCall} from './owner-filter.ts';

/** Where a call says its file is. */
export type FilePlace =
	| {readonly descriptor: number}
	/** `path` is an address in the memory of the process; relative to its working directory or to a descriptor. */
	| {readonly path: bigint; readonly from: 'cwd' | number; readonly followLast: boolean; readonly mayBeEmpty: boolean};

/** One call about an owner. */
export type OwnerRequest =
	/** `unchanged` stands for an id that stays. */
	| {readonly kind: 'change'; readonly file: FilePlace; readonly uid: number; readonly gid: number}
	/** The result goes to an address in the memory of the process. */
	| {readonly kind: 'tell'; readonly file: FilePlace; readonly to: bigint; readonly form: 'stat'}
	| {
			readonly kind: 'tell';
			readonly file: FilePlace;
			readonly to: bigint;
			readonly form: 'statx';
			readonly flags: number;
			readonly mask: number;
	  };

/** An id of chown(2) that stays as it is. */
export const unchanged = 0xffff_ffff;

const currentDirectory = -100;
const noFollow = 0x100;
const emptyPath = 0x1000;

/** Reads the arguments of a call as the kernel would. */
export function readOwnerRequest(
	call: OwnerCall,
	[first = 0n, second = 0n, third = 0n, fourth = 0n, fifth = 0n]: readonly bigint[],
): OwnerRequest {
	switch (call) {
		case 'chown':
		case 'lchown':
			return {kind: 'change', file: atPath(first, call === 'chown'), uid: unsigned(second), gid: unsigned(third)};
		case 'fchown':
			return {kind: 'change', file: {descriptor: signed(first)}, uid: unsigned(second), gid: unsigned(third)};
		case 'fchownat':
			return {kind: 'change', file: relativeTo(first, second, signed(fifth)), uid: unsigned(third), gid: unsigned(fourth)};
		case 'stat':
		case 'lstat':
			return {kind: 'tell', file: atPath(first, call === 'stat'), to: second, form: 'stat'};
		case 'fstat':
			return {kind: 'tell', file: {descriptor: signed(first)}, to: second, form: 'stat'};
		case 'newfstatat':
			return {kind: 'tell', file: relativeTo(first, second, signed(fourth)), to: third, form: 'stat'};
		case 'statx': {
			const flags = signed(third);
			return {kind: 'tell', file: relativeTo(first, second, flags), to: fifth, form: 'statx', flags, mask: unsigned(fourth)};
		}
	}
}

function atPath(path: bigint, followLast: boolean): FilePlace {
	return {path, from: 'cwd', followLast, mayBeEmpty: false};
}

function relativeTo(descriptor: bigint, path: bigint, flags: number): FilePlace {
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
