import test from 'ava';
import {keep} from '../../src/isolation/credentials.ts';
import {readAccess, readChange, readCreate, readStart, readTell} from '../../src/isolation/file-arguments.ts';

const path = 0x7fff_0000_1000n;
const result = 0x7fff_0000_2000n;
const currentDirectory = 0xffff_ff9cn;
const atPath = {path, from: 'cwd', followLast: true, mayBeEmpty: false} as const;
const atLink = {...atPath, followLast: false} as const;

test('paths and descriptors are told apart, and -1 is an id that stays', (t) => {
	t.deepEqual(readChange('chown', [path, 7n, 0xffff_ffffn]), {file: atPath, uid: 7, gid: keep});
	t.deepEqual(readChange('fchown', [5n, 0xffff_ffff_ffff_ffffn, 9n]), {file: {descriptor: 5}, uid: keep, gid: 9});
	t.deepEqual(readChange('lchown', [path, 1n, 2n]), {file: atLink, uid: 1, gid: 2});
});

test('flags and the directory of the newer calls are read as signed 32-bit numbers', (t) => {
	t.deepEqual(readChange('fchownat', [currentDirectory, path, 1n, 2n, 0x100n]), {file: atLink, uid: 1, gid: 2});
	t.deepEqual(readTell('newfstatat', [4n, path, result, 0x1000n]), {
		file: {path, from: 4, followLast: true, mayBeEmpty: true},
		to: result,
		form: 'stat',
	});
	t.deepEqual(readTell('statx', [currentDirectory, path, 0x100n, 0x7ffn, result]), {
		file: atLink,
		to: result,
		form: 'statx',
		flags: 0x100,
		mask: 0x7ff,
	});
	t.deepEqual(readTell('fstat', [3n, result]), {file: {descriptor: 3}, to: result, form: 'stat'});
});

test('rights are asked for by the real ids unless a flag of the newest call says otherwise', (t) => {
	t.deepEqual(readAccess('access', [path, 4n]), {file: atPath, wanted: 4, by: 'real'});
	t.deepEqual(readAccess('faccessat', [currentDirectory, path, 2n, 0x200n]), {file: atPath, wanted: 2, by: 'real'});
	t.deepEqual(readAccess('faccessat2', [currentDirectory, path, 1n, 0x300n]), {file: atLink, wanted: 1, by: 'file'});
});

test('programs and what is made have their places', (t) => {
	t.deepEqual(readStart('execve', [path, 0n, 0n]), atPath);
	t.deepEqual(readStart('execveat', [5n, path, 0n, 0n, 0x1000n]), {path, from: 5, followLast: true, mayBeEmpty: true});
	t.deepEqual(readCreate('creat', [path, 0o644n]), {what: 'file', place: atPath, flags: 0o1101, mode: 0o644});
	t.deepEqual(readCreate('openat', [currentDirectory, path, 0o101n, 0o600n]), {what: 'file', place: atPath, flags: 0o101, mode: 0o600});
	t.deepEqual(readCreate('symlink', [result, path]), {what: 'symlink', place: atLink, target: result});
	t.deepEqual(readCreate('symlinkat', [result, currentDirectory, path]), {what: 'symlink', place: atLink, target: result});
	t.deepEqual(readCreate('mkdirat', [currentDirectory, path, 0o755n]), {what: 'directory', place: atLink, mode: 0o755});
	t.deepEqual(readCreate('mknodat', [currentDirectory, path, 0o010_644n]), {what: 'node', place: atLink, mode: 0o010_644});
});
