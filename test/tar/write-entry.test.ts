import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import {extract} from 'tar-stream';
import {baseOf, type RawPath} from '../../src/core/raw-path.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {readEntries} from '../../src/tar/read-entries.ts';
import {encodeEntry, paddingOf} from '../../src/tar/write-entry.ts';
import {makeTar, member, pieces} from '../support/make-tar.ts';
import {hard, sample} from './known-entries.ts';

async function readAll(tar: Buffer, size?: number): Promise<{entry: TarEntry; content: string}[]> {
	const found: {entry: TarEntry; content: string}[] = [];
	await readEntries(pieces(tar, size), (entry) => {
		const one = {entry, content: ''};
		found.push(one);
		return {data: (chunk) => void (one.content += chunk.toString('latin1')), end: () => undefined};
	});
	return found;
}

/** First digits of the SHA-256 of each hard entry's blocks, as the first version wrote them: diffIDs depend on them. */
const known: Readonly<Record<string, string>> = {
	plain: '78f038075b1b033a',
	long: 'aa62cf1503450f95',
	'n\xe4me': 'b005807a2d1e42a9',
	'new\nline': 'd89978635a60663b',
	mode0: '4d02e063885eb1b2',
	ids: '0c9e15d85093b5df',
	'more-ids': '453a5c16d6604cb5',
	early: 'fe6f4b8f578e7b7d',
	late: 'f204de5be72ed3bf',
	latest: 'c9a48585b38aadf6',
	xattrs: '221b75eb6adc00dd',
	dir: 'e50af693c24e64cc',
	link: '48b67f6dad57f87d',
	hard: '8395ee901d013ed4',
	fifo: '7bfb279487ba774c',
	null: 'd0773fa2196a5e35',
};

test('every byte of a header is what it has always been', (t) => {
	for (const {entry} of hard) {
		t.is(createHash('sha256').update(encodeEntry(entry)).digest('hex').slice(0, 16), known[baseOf(entry.path)] ?? '', entry.path);
	}
	const hash = createHash('sha256');
	for (const entry of sample()) hash.update(encodeEntry(entry));
	t.is(hash.digest('hex'), 'b914aa33656c7e269455e0412c3e79397c41796426b82d46f4a30707ed41f72f');
});

test('an ordinary file needs one block, with every byte decided', (t) => {
	const block = encodeEntry(member('file', 'a/b', 'xy', {mode: 0o640, uid: 7, gid: 8}).entry);
	t.is(block.length, 512);
	t.is(block.toString('latin1', 0, 4), 'a/b\0');
	t.deepEqual(block.toString('latin1', 100, 148).split('\0'), ['0000640', '0000007', '0000010', '00000000002', '00000001750', '']);
	t.is(block.toString('latin1', 156, 157), '0');
	t.is(block.toString('latin1', 257, 329), `ustar\x0000${'\0'.repeat(64)}`);
});

test('the size of a large file goes into a record only from 8 GiB on', (t) => {
	const small = encodeEntry({...member('file', 'f').entry, size: 8 * 2 ** 30 - 1});
	t.is(small.length, 512);
	const large = encodeEntry({...member('file', 'f').entry, size: 8 * 2 ** 30});
	t.is(large.toString('latin1', 512, 512 + 19), '19 size=8589934592\n');
});

test('what is written is read back, whatever the pieces', async (t) => {
	for (const size of [1, 511, 512, 513, 100_000]) {
		const found = await readAll(makeTar(hard), size);
		t.deepEqual(
			found.map(({entry}) => entry),
			hard.map(({entry}) => entry),
		);
		t.deepEqual(
			found.map(({content}) => content),
			hard.map(({content}) => content.toString('latin1')),
		);
	}
});

test('a header does not depend on the one before it', (t) => {
	const kinds = fc.constantFrom('file', 'directory', 'symlink', 'hardlink', 'fifo', 'char');
	const small = fc.record({
		path: fc.constantFrom('a', 'b/c', 'x'.repeat(100), 'y'.repeat(101), 'n\xe4me'),
		type: kinds,
		mode: fc.constantFrom(0o644, 0o4755),
		uid: fc.constantFrom(0, 7, 3_000_000),
		gid: fc.constantFrom(0, 7),
		size: fc.constantFrom(0, 1, 511, 2 ** 33),
		mtime: fc.constantFrom(0, 5, -1),
		link: fc.constantFrom(undefined, 'target'),
	});
	const entryOf = ({link, ...rest}: ReturnType<typeof small.generate>['value']): TarEntry =>
		({
			...rest,
			...(rest.type === 'symlink' || rest.type === 'hardlink' ? {link: link ?? 'a'} : {}),
			...(rest.type === 'char' ? {device: {major: 1, minor: 3}} : {}),
		}) as TarEntry;
	const alone = (entry: TarEntry): Buffer => {
		// Nothing else has this mode, so the next header is made from nothing.
		encodeEntry({path: 'other' as RawPath, type: 'file', mode: 0o7777, uid: 1, gid: 1, size: 9, mtime: 9});
		return encodeEntry(entry);
	};
	fc.assert(
		fc.property(fc.array(small, {minLength: 2, maxLength: 6}), (list) => {
			const entries = list.map(entryOf);
			const inRow = entries.map((entry) => encodeEntry(entry));
			t.deepEqual(
				inRow,
				entries.map((entry) => alone(entry)),
			);
		}),
		{numRuns: 300},
	);
});

test('unpacking undoes packing for any entry', async (t) => {
	const name = fc
		.string({
			unit: fc
				.integer({min: 1, max: 255})
				.filter((c) => c !== 47)
				.map((c) => String.fromCharCode(c)),
			minLength: 1,
			maxLength: 200,
		})
		.filter((text) => text !== '.' && text !== '..');
	const path = fc.array(name, {minLength: 1, maxLength: 3}).map((parts) => parts.join('/') as RawPath);
	const id = fc.integer({min: 0, max: 0xfffffffe});
	const value = fc.string({unit: fc.integer({min: 0, max: 255}).map((c) => String.fromCharCode(c))});
	const entries = fc.record({
		path,
		content: value,
		mode: fc.integer({min: 0, max: 0o7777}),
		uid: id,
		gid: id,
		mtime: fc.integer({min: -(2 ** 40), max: 2 ** 40}),
		xattr: value,
	});
	await fc.assert(
		fc.asyncProperty(fc.array(entries, {maxLength: 5}), async (list) => {
			const members = list.map(({path, content, mode, uid, gid, mtime, xattr}) =>
				member('file', path, content, {mode, uid, gid, mtime, xattrs: {'user.x': xattr}}),
			);
			const found = await readAll(makeTar(members), 1000);
			t.deepEqual(
				found.map(({entry}) => entry),
				members.map(({entry}) => entry),
			);
			t.deepEqual(
				found.map(({content}) => content),
				members.map(({content}) => content.toString('latin1')),
			);
		}),
		{numRuns: 60},
	);
});

test('tar-stream reads the names, sizes and contents', async (t) => {
	const plain = hard.slice(0, 2);
	const names: string[] = [];
	const extraction = extract();
	extraction.on('entry', (header, stream, next) => {
		names.push(header.name);
		stream.on('end', next).resume();
	});
	const done = new Promise((resolve, reject) => extraction.on('finish', () => resolve(undefined)).on('error', reject));
	extraction.end(makeTar(plain));
	await done;
	t.deepEqual(
		names,
		plain.map(({entry}) => entry.path as string),
	);
});

// libarchive warns about names in PAX records that are not UTF-8 (and takes them all the same).
const inUtf8 = hard.filter(({entry}) => entry.path !== 'n\xe4me');

for (const [tool, list, members] of [
	['tar', ['--numeric-owner', '-tf'], hard],
	['bsdtar', ['-tf'], inUtf8],
] as const) {
	test(`${tool} accepts the archive without a word`, (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'boxbuild-tar-'));
		t.teardown(() => rmSync(folder, {recursive: true}));
		writeFileSync(join(folder, 'a.tar'), makeTar(members));
		const printed = execFileSync(tool, [...list, join(folder, 'a.tar')], {
			encoding: 'latin1',
			env: {...process.env, LC_ALL: 'C'},
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		t.is(printed.split('\n').length - 1, members.length);
	});
}

test("Python's tarfile reads the same members", (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'boxbuild-tar-'));
	t.teardown(() => rmSync(folder, {recursive: true}));
	writeFileSync(join(folder, 'a.tar'), makeTar(hard));
	const script = `
import json, sys, tarfile
flags = {b'0': 'file', b'1': 'hardlink', b'2': 'symlink', b'3': 'char', b'5': 'directory', b'6': 'fifo'}
print(json.dumps([[m.name.encode('utf8', 'surrogateescape').decode('latin1'), flags[m.type], m.mode, m.uid, m.gid, m.size, int(m.mtime), m.linkname] for m in tarfile.open(sys.argv[1], encoding='utf8')]))`;
	const found = JSON.parse(execFileSync('python3', ['-c', script, join(folder, 'a.tar')], {encoding: 'utf8'})) as unknown;
	t.deepEqual(
		found,
		hard.map(({entry: {path, type, mode, uid, gid, size, mtime, link}}) => [path, type, mode, uid, gid, size, mtime, link ?? '']),
	);
});

test('padding fills the last block', (t) => {
	t.deepEqual([0, 1, 511, 512, 513].map(paddingOf), [0, 511, 1, 0, 511]);
});
