import test from 'ava';
import {architectures} from '../../src/isolation/architecture.ts';
import {ownerCall, ownerFilter} from '../../src/isolation/owner-filter.ts';
import {judge} from '../support/judge.ts';

const allowed = 0x7fff_0000;
const notified = 0x7fc0_0000;
const pretended = 0x0005_0000;

for (const architecture of architectures.values()) {
	const verdict = (call: string): number =>
		judge(ownerFilter(architecture), {audit: architecture.audit, number: architecture.number(call)});

	test(`on ${architecture.name} calls about owners go to the builder, and changes of identity are pretended`, (t) => {
		for (const call of ['fchown', 'fchownat', 'newfstatat', 'fstat', 'statx']) t.is(verdict(call), notified, call);
		for (const call of ['setuid', 'setgroups', 'setresgid', 'setfsuid']) t.is(verdict(call), pretended, call);
		for (const call of ['openat', 'read', 'fchmodat', 'utimensat']) t.is(verdict(call), allowed, call);
	});

	test(`on ${architecture.name} the number of every call that goes to the builder is known there`, (t) => {
		for (let number = 0; number < 500; number++) {
			const isNotified = judge(ownerFilter(architecture), {audit: architecture.audit, number}) === notified;
			t.is(ownerCall(number, architecture) !== undefined, isNotified, String(number));
		}
	});
}
