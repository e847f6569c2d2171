import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import test from 'ava';
import type {RawPath} from '../../src/core/raw-path.ts';
import {changesAccounts, hasPlainAccounts} from '../../src/rootfs/account-changes.ts';
import type {EntryType} from '../../src/tar/entry.ts';
import {scratch} from '../support/store-support.ts';

const changes = (path: string, type: EntryType = 'file'): boolean => changesAccounts({path: path as RawPath, type});

test('account files, deletions of them and of what they are in, and another etc change accounts', (t) => {
	for (const path of ['etc/passwd', 'etc/group', 'etc/.wh.passwd', 'etc/.wh.group', 'etc/.wh..wh..opq', '.wh.etc', '.wh..wh..opq'])
		t.true(changes(path), path);
	t.true(changes('etc', 'symlink'));
	t.true(changes('etc/passwd', 'hardlink'));
});

test('other files, and the directory that the account files are in, change none', (t) => {
	for (const path of [
		'etc/shadow',
		'etc/passwd-',
		'etc/passwd/x',
		'usr/etc/passwd',
		'a/.wh.etc',
		'etc/.wh.passwdx',
		'petc',
		'etc/x/.wh..wh..opq',
	])
		t.false(changes(path), path);
	t.false(changes('etc', 'directory'));
});

test('accounts are plain without a symlink on the way', (t) => {
	const root = scratch(t);
	t.true(hasPlainAccounts(root));
	mkdirSync(`${root}/etc`);
	t.true(hasPlainAccounts(root));
	writeFileSync(`${root}/etc/passwd`, '');
	writeFileSync(`${root}/etc/group`, '');
	t.true(hasPlainAccounts(root));
	const other = scratch(t);
	symlinkSync(`${root}/etc`, `${other}/etc`);
	t.false(hasPlainAccounts(other));
	const third = scratch(t);
	mkdirSync(`${third}/etc`);
	symlinkSync('nowhere', `${third}/etc/group`);
	t.false(hasPlainAccounts(third));
});
