import test from 'ava';
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {makeDirectories} from '../../src/host/make-directories.ts';

test('parents that lack are made, and what is there stays', (t) => {
	const place = mkdtempSync('/tmp/bb-');
	t.teardown(() => rmSync(place, {recursive: true, force: true}));
	makeDirectories(`${place}/a/b/c`, 0o700);
	makeDirectories(`${place}/a/b/c`, 0o755);
	for (const path of ['a', 'a/b', 'a/b/c']) t.is(statSync(`${place}/${path}`).mode & 0o777, 0o700);
	writeFileSync(`${place}/file`, '');
	t.throws(() => makeDirectories(`${place}/file`), {code: 'EEXIST'});
	t.throws(() => makeDirectories(`${place}/file/below`), {code: 'ENOTDIR'});
});

test('a parent that takes no names ends in an error', (t) => {
	t.throws(() => makeDirectories('/proc/nothing/below'), {code: 'ENOENT'});
});
