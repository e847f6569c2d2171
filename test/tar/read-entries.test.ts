import {execFileSync} from 'node:child_process';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {ArchiveFault} from '../../src/tar/archive-fault.ts';
import type {TarEntry} from '../../src/tar/entry.ts';
import {readEntries} from '../../src/tar/read-entries.ts';
import type {ReadLimits} from '../../src/tar/read-limits.ts';
import {makeTar, member, pieces} from '../support/make-tar.ts';

type Read = readonly (readonly [path: string, content: string, entry: TarEntry])[];

async function read(tar: Buffer, limits: Partial<ReadLimits> = {}): Promise<Read> {
	const found: [string, string, TarEntry][] = [];
	await readEntries(
		pieces(tar, 777),
		(entry) => {
			const one: [string, string, TarEntry] = [entry.path, '', entry];
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

/** An archive that a shell script makes with tools of this machine. */
function made(script: string): Buffer {
	const folder = mkdtempSync(join(tmpdir(), 'boxbuild-read-'));
	try {
		return execFileSync('bash', ['-ceu', script], {cwd: folder, maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe']});
	} finally {
		rmSync(folder, {recursive: true});
	}
}

const long = 'n'.repeat(150);

for (const [name, command] of [
	['GNU tar, its own format', 'tar --format=gnu -c'],
	['GNU tar, PAX', 'tar --format=posix -c'],
	['GNU tar, ustar', 'tar --format=ustar -c'],
	['bsdtar, PAX', 'bsdtar --format pax -c'],
	['bsdtar, GNU', 'bsdtar --format gnutar -c'],
] as const) {
	test(`reads what others write: ${name}`, async (t) => {
		const longName = name.endsWith('ustar') ? `${'d'.repeat(90)}/${'f'.repeat(90)}` : `${'d'.repeat(90)}/${long}`;
		const tar = made(`mkdir ./${'d'.repeat(90)}; printf long > ./${longName}; printf hi > a; ln a b; ln -s a c; mkfifo p; ${command} ./* `);
		const found = await read(tar);
		t.deepEqual(
			found.map(([path, content, {type}]) => [path, content, type]),
			[
				['a', 'hi', 'file'],
				['b', '', 'hardlink'],
				['c', '', 'symlink'],
				['d'.repeat(90), '', 'directory'],
				[longName, 'long', 'file'],
				['p', '', 'fifo'],
			],
		);
	});
}

for (const format of ['gnu', 'posix --sparse-version=1.0', 'posix --sparse-version=0.1']) {
	test(`expands sparse files: ${format}`, async (t) => {
		const tar = made(
			`truncate -s 300000 s; printf mid | dd of=s bs=1 seek=100000 conv=notrunc status=none; printf end >> s; printf x > t; tar -S --format=${format} -c s t`,
		);
		const [first, second] = await read(tar);
		t.is(first?.[2].size, 300_003);
		t.is(first?.[1].length, 300_003);
		t.is(first?.[1].replaceAll('\0', ''), 'midend');
		t.is(first?.[1].indexOf('mid'), 100_000);
		t.deepEqual(second?.slice(0, 2), ['t', 'x']);
	});
}

test('sparse files of many pieces are expanded', async (t) => {
	const tar = made(
		`for i in $(seq 1 40); do printf p$i | dd of=s bs=1 seek=$((i*20000)) conv=notrunc status=none; done; tar -S --format=gnu -c s`,
	);
	const [first] = await read(tar);
	t.is(first?.[1].replaceAll('\0', ''), Array.from({length: 40}, (_, index) => `p${index + 1}`).join(''));
});

test('base-256 numbers are read', async (t) => {
	const tar = made('printf x > f; tar --format=gnu --owner=:3000000 --group=:4000000000 --mtime=@-5 -c f');
	t.like((await read(tar))[0]?.[2], {uid: 3_000_000, gid: 4_000_000_000, mtime: -5});
});

test('names are cleaned', async (t) => {
	const tar = makeTar([member('directory', './'), member('file', '/abs/./x//y', '1'), member('file', './a', '2')]);
	t.deepEqual(
		(await read(tar)).map(([path]) => path),
		['', 'abs/x/y', 'a'],
	);
});

test('two zero blocks end the archive, whatever follows', async (t) => {
	const tar = Buffer.concat([makeTar([member('file', 'a', 'x')]), Buffer.from('garbage')]);
	t.is((await read(tar)).length, 1);
	t.is(await faultOf(makeTar([])), 'none');
});

test('an archive that stops between entries is whole', async (t) => {
	t.is((await read(makeTar([member('file', 'a', 'x')]).subarray(0, 1024))).length, 1);
});

const one = makeTar([member('file', 'a', 'x'.repeat(2000))]);
const broken: readonly (readonly [name: string, tar: Buffer, kind: string, limits?: Partial<ReadLimits>])[] = [
	['nothing at all', Buffer.alloc(0), 'truncated'],
	['a cut header', one.subarray(0, 300), 'truncated'],
	['a cut content', one.subarray(0, 1000), 'truncated'],
	['no tar', Buffer.alloc(2048, 'text'), 'header'],
	['a changed byte', changed(one, 5, 0x41), 'checksum'],
	['a cut extended header', makeTar([member('file', long, 'x')]).subarray(0, 1024), 'truncated'],
	['a record with a wrong length', changed(makeTar([member('file', long, 'x')]), 513, 0x39), 'pax'],
	['too many entries', makeTar([member('file', 'a'), member('file', 'b')]), 'too-many', {entries: 1}],
	['too much content', one, 'too-large', {contentBytes: 1999}],
	[
		'a large extended header',
		makeTar([member('file', 'f', '', {xattrs: {'user.x': 'v'.repeat(5000)}})]),
		'header-too-large',
		{headerBytes: 4096},
	],
	['a deep path', makeTar([member('file', 'a/'.repeat(20) + 'f')]), 'too-deep', {depth: 20}],
	['..', makeTar([member('file', 'a/../../b')]), 'escape'],
	['a name that no file can have', makeTar([member('file', 'n'.repeat(256))]), 'name'],
	['an id below 0', made('printf x > f; tar --format=posix --pax-option=uid:=-1 -c f'), 'header'],
	['a size that is no number', made('printf x > f; tar --format=posix --pax-option=size:=abc -c f'), 'pax'],
];

for (const [name, tar, kind, limits] of broken) {
	test(`is refused: ${name}`, async (t) => t.is(await faultOf(tar, limits), kind));
}

function changed(tar: Buffer, at: number, byte: number): Buffer {
	const copy = Buffer.from(tar);
	copy[at] = byte;
	return copy;
}

test('global PAX headers hold for all that follow', async (t) => {
	const tar = made("printf x > f; printf y > g; tar --format=posix --pax-option='globexthdr.name=x,gid=77' -c f g");
	t.deepEqual(
		(await read(tar)).map(([, , {gid}]) => gid),
		[77, 77],
	);
});

test('xattrs of libarchive are read', async (t) => {
	const tar = made('printf x > f; setfattr -n user.bin -v 0x00ff0a3d f; bsdtar --format pax --xattrs -c f');
	t.deepEqual((await read(tar))[0]?.[2].xattrs, {'user.bin': '\0\xff\n='});
});
