import {createHash} from 'node:crypto';
import test from 'ava';
import {digestItems} from '../../src/context/digest-items.ts';
import type {FileDigests} from '../../src/context/file-digests.ts';
import type {SelectedEntry} from '../../src/context/selection.ts';
import {sha256} from '../../src/core/digest.ts';
import type {RawPath} from '../../src/core/raw-path.ts';

const entry = (path: string, more: Partial<SelectedEntry> = {}): SelectedEntry => ({
	source: path as RawPath,
	path: path as RawPath,
	type: 'file',
	mode: 0o644,
	uid: 1,
	gid: 2,
	size: 1,
	mtime: 3,
	stamp: {dev: 1, ino: 2, mtimeMs: 3, ctimeMs: 4},
	...more,
});

/** Knows a file's digest by its name. */
const files: FileDigests = {
	digestOf: ({source}) => sha256(source),
	knownDigest: () => undefined,
	learn() {},
	save() {},
};

const manyNames = Array.from({length: 3000}, (_, at) => `file-${'n'.repeat(at % 200)}-${at}`);

test('every part is length-prefixed, in the order of the entries', (t) => {
	const items = [
		{
			name: 'd' as RawPath,
			isDirectory: true,
			entries: [entry('', {type: 'directory', mode: 0o755}), entry('a'), entry('l', {type: 'symlink', link: 'x'})],
		},
		{name: 'm' as RawPath, isDirectory: true, entries: manyNames.map((name) => entry(name))},
	];
	const parts = [
		'boxbuild items 1',
		'item 3',
		'd',
		'directory 493',
		'',
		'file 420',
		'a',
		sha256('a'),
		'symlink 420',
		'l',
		'x',
		'item 3000',
		'm',
	];
	for (const name of manyNames) parts.push('file 420', name, sha256(name));
	const text = parts.map((part) => `${part.length}:${part}`).join('');
	t.is<string, string>(digestItems(items, files), `sha256:${createHash('sha256').update(text, 'latin1').digest('hex')}`);
});

test('entries get the digests of their contents, also further links', (t) => {
	const entries = [
		entry('a', {inode: '1:2'}),
		entry('b', {inode: '1:2'}),
		entry('known', {digest: sha256('before')}),
		entry('d', {type: 'directory'}),
	];
	digestItems([{name: '' as RawPath, isDirectory: true, entries}], files);
	t.deepEqual(
		entries.map(({digest}) => digest),
		[sha256('a'), sha256('a'), sha256('before'), undefined],
	);
});
