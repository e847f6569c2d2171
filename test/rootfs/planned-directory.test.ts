import {mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {TreeEntry} from '../../src/core/tree-entry.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {planCopy} from '../../src/rootfs/copy-layer.ts';
import {writePlannedDirectory} from '../../src/rootfs/planned-directory.ts';
import {scratch} from '../support/store-support.ts';

const own = {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0};
const ownOnly = {uids: [{first: own.uid, count: 1}], gids: [{first: own.gid, count: 1}]};

/** Writes the layer of a copy of one file that has the content, and was selected as `more` says; the directory. */
function written(t: ExecutionContext, content: string, more: Partial<TreeEntry>): string {
	const [root, directory] = [scratch(t), scratch(t)];
	writeFileSync(`${root}/file`, content);
	mkdirSync(`${directory}/layer`);
	const common = {source: 'file' as RawPath, path: '' as RawPath, type: 'file', mode: 0o4711, uid: 0, gid: 0, mtime: 0} as const;
	const entry: TreeEntry = {...common, size: content.length, ...more};
	const item = {name: 'file' as RawPath, isDirectory: false, entries: [entry]};
	const layer = planCopy({
		items: [{root, item}],
		files: [{name: 'inline', content: 'text'}],
		destination: '/d/',
		lower: null,
		mtime: 5,
		owner: own,
	});
	try {
		writePlannedDirectory(`${directory}/layer`, layer, ownOnly);
	} finally {
		layer.close();
	}
	return `${directory}/layer`;
}

test('a planned layer becomes a directory', (t) => {
	for (const content of ['', 'small', 'q'.repeat(3_000_000)]) {
		const directory = written(t, content, {digest: sha256(content)});
		t.is(readFileSync(`${directory}/d/file`, 'utf8'), content);
		t.is(readFileSync(`${directory}/d/inline`, 'utf8'), 'text');
		const {mode, mtimeMs} = statSync(`${directory}/d/file`);
		t.deepEqual([mode & 0o7777, mtimeMs], [0o4711, 5000]);
		t.is(statSync(`${directory}/d`).mtimeMs, 5000);
	}
});

test('a file that is not what was selected is refused', (t) => {
	const digest = sha256('small');
	for (const more of [{digest: sha256('other')}, {digest, size: 4}, {digest, size: 6}, {digest, source: 'gone' as RawPath}]) {
		const {diagnostics} = t.throws(() => written(t, 'small', more), {instanceOf: BuildError}) ?? {};
		t.is(diagnostics?.[0]?.code, 'context/file-changed', JSON.stringify(more));
	}
});
