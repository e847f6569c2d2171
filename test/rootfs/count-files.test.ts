import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {countFiles} from '../../src/rootfs/count-files.ts';
import {scratch} from '../support/store-support.ts';

test('names are counted at every depth, and links are not followed', (t) => {
	const root = scratch(t);
	t.is(countFiles(root, 0), 0);
	mkdirSync(`${root}/a/b`, {recursive: true});
	writeFileSync(Buffer.from(`${root}/a/b/\xff`, 'latin1'), '');
	mkdirSync(Buffer.from(`${root}/a/\xfe`, 'latin1'));
	writeFileSync(Buffer.from(`${root}/a/\xfe/file`, 'latin1'), '');
	symlinkSync('/', `${root}/link`);
	symlinkSync('nowhere', `${root}/dangling`);
	t.is(countFiles(root, 7), 7);
	t.is(countFiles(root, 6), Infinity);
	t.is(countFiles(root, 1), Infinity);
});
