import test from 'ava';
import {readOwnerRequest, unchanged} from '../../src/isolation/owner-request.ts';

const path = 0x7fff_0000_1000n;
const result = 0x7fff_0000_2000n;
const currentDirectory = 0xffff_ff9cn;

test('paths and descriptors are told apart, and -1 is an id that stays', (t) => {
	t.deepEqual(readOwnerRequest('chown', [path, 7n, 0xffff_ffffn]), {
		kind: 'change',
		file: {path, from: 'cwd', followLast: true, mayBeEmpty: false},
		uid: 7,
		gid: unchanged,
	});
	t.deepEqual(readOwnerRequest('fchown', [5n, 0xffff_ffff_ffff_ffffn, 9n]), {
		kind: 'change',
		file: {descriptor: 5},
		uid: unchanged,
		gid: 9,
	});
	t.deepEqual(readOwnerRequest('lchown', [path, 1n, 2n]), {
		kind: 'change',
		file: {path, from: 'cwd', followLast: false, mayBeEmpty: false},
		uid: 1,
		gid: 2,
	});
});

test('flags and the directory of the newer calls are read as signed 32-bit numbers', (t) => {
	const atLink = {path, from: 'cwd', followLast: false, mayBeEmpty: false} as const;
	t.deepEqual(readOwnerRequest('fchownat', [currentDirectory, path, 1n, 2n, 0x100n]), {kind: 'change', file: atLink, uid: 1, gid: 2});
	t.deepEqual(readOwnerRequest('newfstatat', [4n, path, result, 0x1000n]), {
		kind: 'tell',
		file: {path, from: 4, followLast: true, mayBeEmpty: true},
		to: result,
		form: 'stat',
	});
	t.deepEqual(readOwnerRequest('statx', [currentDirectory, path, 0x100n, 0x7ffn, result]), {
		kind: 'tell',
		file: atLink,
		to: result,
		form: 'statx',
		flags: 0x100,
		mask: 0x7ff,
	});
	t.deepEqual(readOwnerRequest('fstat', [3n, result]), {kind: 'tell', file: {descriptor: 3}, to: result, form: 'stat'});
});
