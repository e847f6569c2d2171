import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {ArchiveFault} from '../../src/tar/archive-fault.ts';
import {extractArchive} from '../../src/tar/extract-archive.ts';
import {type ArchiveMember, packArchive} from '../../src/tar/pack-archive.ts';
import type {ReadLimits} from '../../src/tar/read-limits.ts';
import {makeTar, member, pieces} from '../support/make-tar.ts';
import {collect} from '../support/store-support.ts';

const large = Buffer.alloc(3_000_001, 'some content, ');

function fileOf(path: string, content: Buffer, size = content.length): ArchiveMember {
	return {path, size, open: () => pieces(content, 100_000)};
}

const members = [
	{path: 'blobs/', size: 0},
	fileOf('blobs/large', large),
	fileOf('blobs/none', Buffer.alloc(0)),
	fileOf('index.json', Buffer.from('{}')),
];

async function read(tar: Buffer, limits: Partial<ReadLimits> = {}): Promise<(readonly [path: string, content: string])[]> {
	const found: [string, string][] = [];
	await extractArchive(
		pieces(tar, 70_001),
		({path}) => {
			const one: [string, string] = [path, ''];
			found.push(one);
			return {data: (chunk) => void (one[1] += chunk.toString('latin1')), end: () => undefined};
		},
		limits,
	);
	return found;
}

async function faultOf(tar: Buffer, limits?: Partial<ReadLimits>): Promise<string> {
	try {
		await read(tar, limits);
		return 'none';
	} catch (error) {
		if (error instanceof ArchiveFault) return error.kind;
		throw error;
	}
}

for (const time of [0, 315_532_800, 2 ** 31 - 1, 2 ** 31, 4_294_967_296, 2 ** 33, -5]) {
	test(`an image archive is the same twice and says its time: ${time}`, async (t) => {
		const tar = await collect(packArchive(members, time));
		t.true(tar.equals(await collect(packArchive(members, time))));
		const folder = mkdtempSync(join(tmpdir(), 'boxbuild-archive-'));
		t.teardown(() => rmSync(folder, {recursive: true}));
		writeFileSync(join(folder, 'a.tar'), tar);
		const script = `
import json, sys, tarfile
print(json.dumps([[m.name, m.mode, m.uid, m.gid, m.size, int(m.mtime)] for m in tarfile.open(sys.argv[1])]))`;
		t.deepEqual(JSON.parse(execFileSync('python3', ['-c', script, join(folder, 'a.tar')], {encoding: 'utf8'})), [
			['blobs', 0o755, 0, 0, 0, time],
			['blobs/large', 0o644, 0, 0, large.length, time],
			['blobs/none', 0o644, 0, 0, 0, time],
			['index.json', 0o644, 0, 0, 2, time],
		]);
		t.deepEqual(
			(await read(tar)).map(([path, content]) => [path, content.length]),
			[
				['blobs', 0],
				['blobs/large', large.length],
				['blobs/none', 0],
				['index.json', 2],
			],
		);
	});
}

test('a member of another size or one that fails is the error of the archive', async (t) => {
	for (const size of [large.length - 1, large.length + 1]) {
		await t.throwsAsync(() => collect(packArchive([fileOf('f', large, size)], 0)), {message: /another size/v});
	}
	const failing: ArchiveMember = {
		path: 'f',
		size: 10,
		async *open() {
			yield Buffer.from('abc');
			throw new RangeError('the disk broke');
		},
	};
	await t.throwsAsync(() => collect(packArchive([members[1] ?? failing, failing], 0)), {instanceOf: RangeError, message: 'the disk broke'});
});

test('who stops early ends the members', async (t) => {
	let isClosed = false;
	async function* endless(): AsyncGenerator<Uint8Array> {
		try {
			for (;;) yield Buffer.alloc(1 << 20);
		} finally {
			isClosed = true;
		}
	}
	let taken = 0;
	for await (const chunk of packArchive([{path: 'f', size: 2 ** 40, open: endless}], 0)) {
		taken += chunk.length;
		if (taken > 5_000_000) break;
	}
	t.true(isClosed);
	const tar = await collect(packArchive(members, 0));
	await t.throwsAsync(
		() =>
			extractArchive(pieces(tar, 1000), () => {
				throw new RangeError('enough');
			}),
		{instanceOf: RangeError, message: 'enough'},
	);
	async function* broken(): AsyncGenerator<Uint8Array> {
		yield tar.subarray(0, 5000);
		throw new RangeError('the disk broke');
	}
	await t.throwsAsync(() => extractArchive(broken(), () => undefined), {instanceOf: RangeError, message: 'the disk broke'});
});

const one = makeTar([member('file', 'a', 'x'.repeat(2000))]);
const broken: readonly (readonly [name: string, tar: Buffer, kind: string, limits?: Partial<ReadLimits>])[] = [
	['nothing at all', Buffer.alloc(0), 'truncated'],
	['a cut header', one.subarray(0, 300), 'truncated'],
	['a cut content', one.subarray(0, 1000), 'truncated'],
	['no tar', Buffer.alloc(2048, 'text'), 'checksum'],
	['a changed byte', changed(one, 5, 0x41), 'checksum'],
	['..', makeTar([member('file', 'a/../../b')]), 'escape'],
	['a name that no file can have', makeTar([member('file', 'n'.repeat(256))]), 'name'],
	['a deep path', makeTar([member('file', 'a/'.repeat(20) + 'f')]), 'too-deep', {depth: 20}],
	['too many entries', makeTar([member('file', 'a'), member('file', 'b')]), 'too-many', {entries: 1}],
	['too much content', one, 'too-large', {contentBytes: 1999}],
	['a link without a target', makeTar([member('symlink', 'l')]), 'link'],
];

for (const [name, tar, kind, limits] of broken) {
	test(`an image archive is refused: ${name}`, async (t) => t.is(await faultOf(tar, limits), kind));
}

test('names are cleaned, sparse members of PAX are expanded, those of GNU refused', async (t) => {
	t.deepEqual(await read(makeTar([member('file', './a//b', 'x'), member('file', '/n\xc3\xa4me', 'y')])), [
		['a/b', 'x'],
		['n\xc3\xa4me', 'y'],
	]);
	const folder = mkdtempSync(join(tmpdir(), 'boxbuild-archive-'));
	t.teardown(() => rmSync(folder, {recursive: true}));
	const sparse = (format: string): Buffer =>
		execFileSync('sh', ['-ceu', `truncate -s 300000 s; printf end >> s; tar -S --format=${format} -c s; rm s`], {cwd: folder});
	const [[name, content] = ['', '']] = await read(sparse('posix --sparse-version=1.0'));
	t.deepEqual([name, content.length, content.replaceAll('\0', '')], ['s', 300_003, 'end']);
	t.is(await faultOf(sparse('gnu')), 'unknown-type');
});

function changed(tar: Buffer, at: number, byte: number): Buffer {
	const copy = Buffer.from(tar);
	copy[at] = byte;
	return copy;
}
