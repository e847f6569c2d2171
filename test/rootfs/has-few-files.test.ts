import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {hasFewFiles} from '../../src/rootfs/has-few-files.ts';
import {scratch} from '../support/store-support.ts';

test('names are counted at every depth, and links are not followed', (t) => {
	const root = scratch(t);
	t.true(hasFewFiles(root, 0));
	mkdirSync(`${root}/a/b`, {recursive: true});
	writeFileSync(Buffer.from(`${root}/a/b/\xff`, 'latin1'), '');
	mkdirSync(Buffer.from(`${root}/a/\xfe`, 'latin1'));
	writeFileSync(Buffer.from(`${root}/a/\xfe/file`, 'latin1'), '');
	symlinkSync('/', `${root}/link`);
	symlinkSync('nowhere', `${root}/dangling`);
	t.true(hasFewFiles(root, 7));
	t.false(hasFewFiles(root, 6));
	t.false(hasFewFiles(root, 1));
});
