import test from 'ava';
import {type Architecture, architectures} from '../../src/isolation/architecture.ts';
import {seccompProfile} from '../../src/isolation/seccomp-profile.ts';
import {judge} from '../support/judge.ts';

const allowed = 0x7fff_0000;
const notPermitted = 0x0005_0001;
const noSuchCall = 0x0005_0026;

for (const architecture of architectures.values()) {
	const program = seccompProfile(architecture);
	const verdict = (call: string, first?: number): number =>
		judge(program, {audit: architecture.audit, number: architecture.number(call), ...(first === undefined ? {} : {first})});

	test(`on ${architecture.name} every allowed call is allowed and every number between them is not`, (t) => {
		const open = new Set(architecture.allowed);
		const special = new Set(['clone', 'clone3', 'personality', 'socket'].map((call) => architecture.number(call)));
		for (let number = 0; number < 463; number++) {
			if (special.has(number)) continue;
			t.is(judge(program, {audit: architecture.audit, number}), open.has(number) ? allowed : notPermitted, `call ${number}`);
		}
	});

	test(`on ${architecture.name} the calls that change mounts and namespaces are denied`, (t) => {
		for (const call of [
			'mount',
			'umount2',
			'pivot_root',
			'unshare',
			'setns',
			'open_tree',
			'move_mount',
			'fsopen',
			'fsmount',
			'mount_setattr',
		]) {
			t.is(verdict(call), notPermitted, call);
		}
	});

	test(`on ${architecture.name} clone makes processes and threads but no namespaces`, (t) => {
		t.is(verdict('clone', 17), allowed);
		t.is(verdict('clone', 0x3d_0f00), allowed);
		for (const flag of [0x2_0000, 0x200_0000, 0x400_0000, 0x800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000])
			t.is(verdict('clone', 17 | flag), notPermitted);
		t.is(verdict('clone3'), noSuchCall);
	});

	test(`on ${architecture.name} a socket of the hypervisor and an unknown personality are denied`, (t) => {
		t.is(verdict('socket', 2), allowed);
		t.is(verdict('socket', 40), notPermitted);
		t.is(verdict('personality', 0x2_0000), allowed);
		t.is(verdict('personality', 0x40_0000), notPermitted);
	});

	test(`on ${architecture.name} calls of other architectures and of newer kernels do not exist`, (t) => {
		t.is(judge(program, {audit: 0x4000_0003, number: 1}), noSuchCall);
		t.is(judge(program, {audit: architecture.audit, number: 9999}), noSuchCall);
		t.is(judge(program, {audit: architecture.audit, number: 0x4000_0001}), noSuchCall);
	});

	test(`on ${architecture.name} the filter fits the kernel's limit and its jumps stay inside`, (t) => {
		t.true(program.length / 8 < 4096);
		for (let at = 0; at < program.length / 8; at++) {
			const isJump = [0x15, 0x35, 0x45].includes(program.readUInt16LE(at * 8));
			if (isJump) t.true(at + 1 + Math.max(program[at * 8 + 2] ?? 0, program[at * 8 + 3] ?? 0) < program.length / 8);
		}
	});
}

test('an allowed call is found with few comparisons', (t) => {
	const x64 = architectures.get('x64') as Architecture;
	t.true(seccompProfile(x64).length / 8 < 300);
});
