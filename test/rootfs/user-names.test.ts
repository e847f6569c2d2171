import {execFileSync} from 'node:child_process';
import {mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {lookupOwner, lookupUser} from '../../src/rootfs/user-names.ts';

const root = mkdtempSync(join(tmpdir(), 'boxbuild-users-'));
mkdirSync(join(root, 'etc'));
writeFileSync(
	join(root, 'etc/passwd'),
	'root:x:0:0:root:/root:/bin/sh\n# comment\nbroken\nwww:x:33:34::/var/www:/bin/false\nnine:x:9:9\n1000:x:5:6::/five:\nbig:x:2147483648:1::/:\n',
);
writeFileSync(join(root, 'etc/group'), 'root:x:0:\nweb:x:34:\nstaff:x:50:root, www\naudio:x:29:www,nobody\n');
test.after.always(() => rmSync(root, {recursive: true}));

const users: readonly (readonly [spec: string, uid: number, gid: number, groups: readonly number[], home: string])[] = [
	['', 0, 0, [50], '/root'],
	['root', 0, 0, [50], '/root'],
	['www', 33, 34, [50, 29], '/var/www'],
	['33', 33, 34, [50, 29], '/var/www'],
	['www:staff', 33, 50, [], '/var/www'],
	['www:77', 33, 77, [], '/var/www'],
	['4242', 4242, 0, [], '/'],
	['4242:4243', 4242, 4243, [], '/'],
	['1000', 5, 6, [], '/five'],
	['nine', 9, 9, [], '/'],
	['2147483647', 2147483647, 0, [], '/'],
];

for (const [spec, uid, gid, groups, home] of users) {
	test(`USER ${spec} is ${uid}:${gid}`, (t) => t.deepEqual(lookupUser(root, spec), {uid, gid, groups, home}));
}

const owners: readonly (readonly [spec: string, uid: number, gid: number])[] = [
	['55', 55, 55],
	['55:66', 55, 66],
	['www', 33, 34],
	['www:audio', 33, 29],
	['10:staff', 10, 50],
	[':staff', 0, 50],
];

for (const [spec, uid, gid] of owners) test(`--chown=${spec} is ${uid}:${gid}`, (t) => t.deepEqual(lookupOwner(root, spec), {uid, gid}));

for (const [spec, code] of [
	['nobody', 'step/unknown-owner'],
	['www:nogroup', 'step/unknown-owner'],
	['big', 'step/unknown-owner'],
	['2147483648:1', 'step/owner-out-of-range'],
	['1:99999999999', 'step/owner-out-of-range'],
	['-1', 'step/owner-out-of-range'],
] as const) {
	test(`${spec} is refused, never root`, (t) => {
		for (const lookup of [lookupUser, lookupOwner])
			t.is(t.throws(() => lookup(root, spec), {instanceOf: BuildError})?.diagnostics[0]?.code, code);
	});
}

test('account files are read inside the root, and only plain small ones', (t) => {
	const other = mkdtempSync(join(tmpdir(), 'boxbuild-users-'));
	t.teardown(() => rmSync(other, {recursive: true}));
	t.is(lookupUser(other, '7').uid, 7);
	t.throws(() => lookupUser(other, 'www'), {instanceOf: BuildError});
	mkdirSync(join(other, 'etc'));
	symlinkSync('/usr/passwd', join(other, 'etc/passwd'));
	mkdirSync(join(other, 'usr'));
	writeFileSync(join(other, 'usr/passwd'), 'www:x:1:2::/w:\n');
	t.is(lookupUser(other, 'www').gid, 2);
	rmSync(join(other, 'etc/passwd'));
	symlinkSync(join(root, 'etc/passwd'), join(other, 'etc/passwd'));
	t.throws(() => lookupUser(other, 'www'), {instanceOf: BuildError});
	rmSync(join(other, 'etc/passwd'));
	execFileSync('mkfifo', [join(other, 'etc/passwd')]);
	t.throws(() => lookupUser(other, 'www'), {message: /unusable-account-file/v});
	rmSync(join(other, 'etc/passwd'));
	writeFileSync(join(other, 'etc/passwd'), '');
	truncateSync(join(other, 'etc/passwd'), 2 ** 33);
	t.throws(() => lookupUser(other, 'www'), {message: /unusable-account-file/v});
});
