import {execFileSync} from 'node:child_process';
import {
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	readdirSync,
	readFileSync,
	readlinkSync,
	statSync,
	symlinkSync,
	writeFileSync,
} from 'node:fs';
import test from 'ava';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {MergedTree} from '../../src/exporters/exporter.ts';
import {exporters} from '../../src/exporters/registry.ts';
import {openStore} from '../../src/store/open-store.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {makeImage, outputOf} from '../support/image-support.ts';
import {codeOf, scratch} from '../support/store-support.ts';

const local = await exporters.local();
const tar = await exporters.tar();

function entry(path: string, type: TarEntry['type'], more: Partial<TarEntry> = {}): TarEntry {
	return {path: path as RawPath, type, mode: type === 'directory' ? 0o755 : 0o644, uid: 5, gid: 6, size: 0, mtime: 1_000_000, ...more};
}

function sample(top: string): MergedTree {
	const root = `${top}/tree`;
	mkdirSync(`${root}/out/closed`, {recursive: true});
	writeFileSync(`${root}/out/authorized_keys`, 'key');
	linkSync(`${root}/out/authorized_keys`, `${root}/out/second`);
	symlinkSync('/etc/passwd', `${root}/link`);
	return {
		root,
		entries: () => [
			entry('link', 'symlink', {link: '/etc/passwd', mode: 0o777}),
			entry('out', 'directory'),
			entry('out/authorized_keys', 'file', {size: 3, mode: 0o4755}),
			entry('out/closed', 'directory', {mode: 0o500}),
			entry('out/pipe', 'fifo'),
			entry('out/second', 'hardlink', {link: 'out/authorized_keys'}),
		],
	};
}

test('a local output has the modes, times and links of the tree and merges with what is there', async (t) => {
	const top = scratch(t);
	const {set, context} = makeImage(openStore(`${top}/store`), []);
	mkdirSync(`${top}/dest/out`, {recursive: true});
	writeFileSync(`${top}/dest/out/mine`, 'mine');
	const tree = sample(top);
	const twice = {...context, merged: () => tree};
	await local.export(set, outputOf(`${top}/dest`), twice);
	await local.export(set, outputOf(`${top}/dest`), twice);
	t.is(readFileSync(`${top}/dest/out/mine`, 'utf8'), 'mine');
	t.is(readFileSync(`${top}/dest/out/second`, 'utf8'), 'key');
	t.is(statSync(`${top}/dest/out/second`).ino, statSync(`${top}/dest/out/authorized_keys`).ino);
	t.is(statSync(`${top}/dest/out/authorized_keys`).mode & 0o7777, 0o4755);
	t.is(statSync(`${top}/dest/out/closed`).mode & 0o777, 0o500);
	t.is(statSync(`${top}/dest/out`).mtimeMs, 1_000_000_000);
	t.true(lstatSync(`${top}/dest/out/pipe`).isFIFO());
	t.is(readlinkSync(`${top}/dest/link`), '/etc/passwd');
	t.deepEqual(readdirSync(`${top}/dest/out`).sort(), ['authorized_keys', 'closed', 'mine', 'pipe', 'second']);
});

test('a symlink in the destination is never followed', async (t) => {
	const top = scratch(t);
	const {set, context} = makeImage(openStore(`${top}/store`), []);
	const merged = sample(top);
	mkdirSync(`${top}/ssh`);
	mkdirSync(`${top}/dest`);
	symlinkSync(`${top}/ssh`, `${top}/dest/out`);
	t.is(await codeOf(() => local.export(set, outputOf(`${top}/dest`), {...context, merged: () => merged})), 'export/unsafe-destination');
	t.deepEqual(readdirSync(`${top}/ssh`), []);
	mkdirSync(`${top}/second/out`, {recursive: true});
	symlinkSync(`${top}/ssh/keys`, `${top}/second/out/authorized_keys`);
	await local.export(set, outputOf(`${top}/second`), {...context, merged: () => merged});
	t.deepEqual(readdirSync(`${top}/ssh`), []);
	t.true(lstatSync(`${top}/second/out/authorized_keys`).isFile());
	mkdirSync(`${top}/third/out/authorized_keys`, {recursive: true});
	t.is(await codeOf(() => local.export(set, outputOf(`${top}/third`), {...context, merged: () => merged})), 'export/occupied');
});

test('a tar output is read by tar, compressed or not, and a file that shrinks is an error without a result', async (t) => {
	const top = scratch(t);
	const {set, context} = makeImage(openStore(`${top}/store`), []);
	const merged = sample(top);
	await tar.export(set, outputOf(`type=tar,dest=${top}/a.tar`), {...context, merged: () => merged});
	await tar.export(set, outputOf(`type=tar,dest=${top}/a.tgz,compression=gzip`), {...context, merged: () => merged});
	const list = (options: string, path: string): string =>
		execFileSync('tar', [options, '--numeric-owner', '-f', path], {encoding: 'utf8', env: {...process.env, TZ: 'UTC', LC_ALL: 'C'}});
	t.is(list('-tv', `${top}/a.tar`), list('-tvz', `${top}/a.tgz`));
	t.regex(list('-tv', `${top}/a.tar`), /-rwsr-xr-x 5\/6\s+3 1970-01-12 13:46 out\/authorized_keys/v);
	writeFileSync(`${merged.root}/out/authorized_keys`, 'k');
	t.is(
		await codeOf(() => tar.export(set, outputOf(`type=tar,dest=${top}/b.tar`), {...context, merged: () => merged})),
		'context/file-changed',
	);
	t.false(existsSync(`${top}/b.tar`));
	t.is(await codeOf(() => tar.export(set, outputOf(`type=tar,dest=${top}/b.tar`), context)), 'export/needs-tree');
});
