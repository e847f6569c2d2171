import test from 'ava';
import {architectures} from '../../src/isolation/architecture.ts';
import {answeredCall, answeredCalls, everyIdFilter, farIdFilter} from '../../src/isolation/call-filter.ts';
import {judge} from '../support/judge.ts';

const allowed = 0x7fff_0000;
const notified = 0x7fc0_0000;
const create = 0o100;
const unnamed = 0o20_200_000;

for (const architecture of architectures.values()) {
	const {audit} = architecture;
	const verdict = (call: string, ...args: readonly number[]): number =>
		judge(everyIdFilter(architecture), {audit, number: architecture.number(call), args});

	test(`on ${architecture.name} with one id every call about ids goes to the builder, and no other`, (t) => {
		for (const call of ['fchown', 'fchownat', 'newfstatat', 'fstat', 'statx', 'setuid', 'setgroups', 'getuid', 'getgroups'])
			t.is(verdict(call), notified, call);
		for (const call of ['faccessat', 'execve', 'mkdirat', 'symlinkat', 'openat2']) t.is(verdict(call), notified, call);
		t.is(verdict('prctl', 8, 1), notified);
		t.is(verdict('prctl', 29, 1), allowed);
		for (const call of ['read', 'fchmodat', 'utimensat', 'unlinkat', 'renameat2']) t.is(verdict(call), allowed, call);
	});

	test(`on ${architecture.name} files are opened without the builder unless that can make them`, (t) => {
		t.is(verdict('openat', 0, 0, create | 1), notified);
		t.is(verdict('openat', 0, 0, unnamed | 1), notified);
		t.is(verdict('openat', 0, create, 0o200_000), allowed);
		if (architecture.has('open')) {
			t.is(verdict('open', 0, create), notified);
			t.is(verdict('open', 0, 1, create), allowed);
		}
	});

	test(`on ${architecture.name} the number of every call that goes to the builder is known there`, (t) => {
		const program = everyIdFilter(architecture);
		const flags = [8, create, create];
		for (let number = 0; number < 500; number++)
			t.is(answeredCall(number, architecture) !== undefined, judge(program, {audit, number, args: flags}) === notified, String(number));
		t.true(program.length / 8 < 4096);
	});

	test(`on ${architecture.name} with many ids only a chown beyond them goes to the builder`, (t) => {
		const program = farIdFilter(architecture, {uid: 65_536, gid: 70_000});
		const asked = (call: string, ...args: readonly number[]): boolean =>
			judge(program, {audit, number: architecture.number(call), args}) === notified;
		for (const [uid, gid, expected] of [
			[0, 0, false],
			[65_536, 70_000, false],
			[-1, -1, false],
			[65_537, 0, true],
			[65_537, -1, true],
			[0, 70_001, true],
			[-1, 70_001, true],
			[300_000, 300_000, true],
		] as const) {
			t.is(asked('fchown', 3, uid, gid), expected, `${uid}:${gid}`);
			t.is(asked('fchownat', 3, 0, uid, gid), expected, `${uid}:${gid}`);
			if (architecture.has('lchown')) t.is(asked('lchown', 0, uid, gid), expected, `${uid}:${gid}`);
		}
		for (const call of Object.values(answeredCalls).flat()) {
			const isChange = (answeredCalls.change as readonly string[]).includes(call);
			if (!isChange && architecture.has(call)) t.false(asked(call, 70_001, 70_001, 70_001, 70_001), call);
		}
	});
}
