import {execFileSync} from 'node:child_process';
import {appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import {decompress} from '../../src/host/decompress.ts';
import {gzipBlocks} from '../../src/host/gzip-blocks.ts';
import type {BaseReference} from '../../src/plan/plan.ts';
import {resolveBase} from '../../src/sources/resolve-base.ts';
import type {ResolvedBase} from '../../src/sources/source.ts';
import {openStore} from '../../src/store/open-store.ts';
import {encodeEntry, endOfArchive, paddingOf} from '../../src/tar/write-entry.ts';
import {epoch, makeTar, platform} from '../support/image-support.ts';
import {hasProgram} from '../support/requirements.ts';
import {codeOf, collect, scratch, streamOf} from '../support/store-support.ts';

function archiveOf(members: readonly (readonly [string, string | Buffer])[]): Buffer {
	const parts = members.flatMap(([path, content]) => {
		const bytes = Buffer.from(content);
		return [
			encodeEntry({path: path as RawPath, type: 'file', mode: 0o644, uid: 0, gid: 0, size: bytes.length, mtime: 0}),
			bytes,
			Buffer.alloc(paddingOf(bytes.length)),
		];
	});
	return Buffer.concat([...parts, endOfArchive]);
}

function resolver(top: string): (reference: BaseReference) => Promise<ResolvedBase> {
	const store = openStore(`${top}/store`);
	return (reference) => resolveBase(reference, {store, platform, epoch, directory: top});
}

test('a root file system tar becomes an image of one layer, whatever its compression', async (t) => {
	const top = scratch(t);
	const path = makeTar(top, 'root', {'etc/name': 'x'.repeat(100_000)});
	const resolve = resolver(top);
	const plain = await resolve({kind: 'tar', path: 'root.tar'});
	t.deepEqual(plain.config.rootfs.diff_ids as readonly string[], [sha256(readFileSync(path))]);
	t.is(plain.config.created, '1980-01-01T00:00:00Z');
	for (const program of ['gzip', 'zstd', 'xz', 'bzip2'].filter(hasProgram)) {
		writeFileSync(`${top}/root.${program}`, execFileSync(program, ['-c', path]));
		const found = await resolve({kind: 'tar', path: `root.${program}`});
		t.deepEqual(found.config, plain.config);
		// OCI has no media type for the others: they are stored uncompressed.
		const isStored = program === 'gzip' || program === 'zstd';
		t.is(found.layers[0]?.blob?.digest, sha256(readFileSync(isStored ? `${top}/root.${program}` : path)));
		t.is(found.layers[0]?.blob?.mediaType, `application/vnd.oci.image.layer.v1.tar${isStored ? `+${program}` : ''}`);
	}
	t.is(await codeOf(() => resolve({kind: 'tar', path: 'nothing.tar'})), 'base/not-found');
	t.is(await codeOf(() => resolve({kind: 'tar', path: '.'})), 'base/damaged');
	t.is(await codeOf(() => resolve({kind: 'dir', path: '.'})), 'base/cannot-pack');
	for (const [name, bytes] of [
		['noise', Buffer.from('not a tar'.repeat(100))],
		['noise.gz', gzipSync('not a tar'.repeat(100))],
		['empty', Buffer.alloc(0)],
	] as const) {
		writeFileSync(`${top}/${name}`, bytes);
		t.is(await codeOf(() => resolve({kind: 'tar', path: name})), 'base/damaged');
	}
	const blobs = readdirSync(`${top}/store/blobs/sha256`);
	t.deepEqual(
		blobs.filter((name) => name.startsWith('.tmp-')),
		[],
	);
});

test('cut compressed data is damage, several gzip members are one stream', async (t) => {
	const text = Buffer.from('some text '.repeat(50_000));
	const members = Buffer.concat([gzipSync(text.subarray(0, 1000)), gzipSync(text.subarray(1000))]);
	t.true((await collect(decompress(streamOf(members.subarray(0, 3), members.subarray(3))))).equals(text));
	t.is(await codeOf(() => collect(decompress(streamOf(members.subarray(0, -5))))), 'base/damaged-compression');
	for (const program of ['zstd', 'xz', 'bzip2'].filter(hasProgram)) {
		const packed = execFileSync(program, ['-c'], {input: text});
		t.true((await collect(decompress(streamOf(packed)))).equals(text));
		t.is(await codeOf(() => collect(decompress(streamOf(packed.subarray(0, -10))))), 'base/damaged-compression');
		for await (const chunk of decompress(streamOf(packed))) {
			t.true(chunk.length > 0);
			break;
		}
	}
	await t.throwsAsync(() => collect(decompress(failing(members.subarray(0, 30)))), {message: 'the disk broke'});
	t.is((await collect(decompress(streamOf()))).length, 0);
});

async function* failing(start: Uint8Array): AsyncGenerator<Uint8Array> {
	yield start;
	throw new Error('the disk broke');
}

test('blocks compressed apart are one gzip member that depends on nothing but the bytes', async (t) => {
	for (const size of [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000]) {
		const bytes = Buffer.alloc(size, 'abcdefghij klmnop 0123456789 ');
		const whole = await collect(gzipBlocks(streamOf(bytes), 6));
		const pieces = Array.from({length: Math.ceil(size / 70_001)}, (_, at) => bytes.subarray(at * 70_001, (at + 1) * 70_001));
		t.true(whole.equals(await collect(gzipBlocks(streamOf(...pieces), 6))));
		t.true(execFileSync('gzip', ['-dc'], {input: whole, maxBuffer: 1e8}).equals(bytes));
	}
});

test('an unchanged file is not read again', async (t) => {
	const top = scratch(t);
	makeTar(top, 'root', {a: 'x'});
	const resolve = resolver(top);
	await new Promise((done) => setTimeout(done, 2100));
	const first = await resolve({kind: 'tar', path: 'root.tar'});
	t.deepEqual(await resolve({kind: 'tar', path: 'root.tar'}), first);
	t.is(readdirSync(`${top}/store/memo`).length, 1);
	const {atime, mtime} = statSync(`${top}/root.tar`);
	appendFileSync(`${top}/root.tar`, Buffer.alloc(512));
	utimesSync(`${top}/root.tar`, atime, mtime);
	t.notDeepEqual(await resolve({kind: 'tar', path: 'root.tar'}), first);
});

test('image archives with repeated, unsafe or wrongly named members are refused', async (t) => {
	const top = scratch(t);
	const resolve = resolver(top);
	const attempt = (kind: 'oci-archive' | 'docker-archive', bytes: Buffer): Promise<string | undefined> => {
		writeFileSync(`${top}/archive.tar`, bytes);
		return codeOf(() => resolve({kind, path: 'archive.tar'}));
	};
	t.is(
		await attempt(
			'oci-archive',
			archiveOf([
				['index.json', '{}'],
				['index.json', '{}'],
			]),
		),
		'base/damaged',
	);
	t.is(await attempt('oci-archive', archiveOf([['../index.json', '{}']])), 'base/archive-refused');
	t.is(await attempt('oci-archive', archiveOf([['blobs/sha256/abc', 'x']])), 'base/damaged');
	t.is(await attempt('oci-archive', archiveOf([[`blobs/sha256/${'0'.repeat(64)}`, 'x']])), 'base/damaged');
	t.is(await attempt('oci-archive', archiveOf([['manifest.json', '[]']])), 'base/damaged');
	t.is(await attempt('docker-archive', archiveOf([['index.json', '{}']])), 'base/damaged');
	for (const text of [
		'[]',
		'{}',
		'[1]',
		'[{"Config":"c.json"}]',
		'[{"Config":"../c.json","Layers":[]}]',
		'[{"Config":"c.json","Layers":["a/layer.tar"]}]',
	]) {
		const code = await attempt(
			'docker-archive',
			archiveOf([
				['manifest.json', text],
				['c.json', '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}'],
			]),
		);
		t.true(code === 'base/damaged' || text.includes('../'), `${text}: ${code}`);
	}
	t.is(await attempt('docker-archive', archiveOf([['manifest.json', ']x[']])), 'base/malformed');
	t.is(await attempt('oci-archive', Buffer.alloc(100)), 'base/archive-refused');
	t.deepEqual(
		readdirSync(`${top}/store/blobs/sha256`).filter((name) => name.startsWith('.tmp-')),
		[],
	);
});

test('the old form of docker save with a link between layers is read', async (t) => {
	const top = scratch(t);
	const layer = readFileSync(makeTar(top, 'layer', {a: 'x'}));
	const diffId = sha256(layer);
	const config = JSON.stringify({os: 'linux', architecture: 'amd64', rootfs: {type: 'layers', diff_ids: [diffId, diffId]}});
	const directory = `${top}/saved`;
	for (const id of ['one', 'two']) mkdirSync(`${directory}/${id}`, {recursive: true});
	writeFileSync(`${directory}/one/layer.tar`, layer);
	execFileSync('ln', ['-s', '../one/layer.tar', `${directory}/two/layer.tar`]);
	writeFileSync(`${directory}/c.json`, config);
	writeFileSync(
		`${directory}/manifest.json`,
		JSON.stringify([{Config: 'c.json', RepoTags: ['app:v1'], Layers: ['one/layer.tar', 'two/layer.tar']}]),
	);
	execFileSync('tar', ['-C', directory, '-cf', `${top}/saved.tar`, '.']);
	const found = await resolver(top)({kind: 'docker-archive', path: 'saved.tar'});
	t.deepEqual(
		found.layers.map(({blob}) => blob?.digest),
		[diffId, diffId],
	);
});

test('a name that the store lacks says what to do', async (t) => {
	t.is(await codeOf(() => resolver(scratch(t))({kind: 'name', name: 'debian:12'})), 'base/not-in-store');
	t.is(await codeOf(() => resolver(scratch(t))({kind: 'name', name: 'Debian'})), 'base/malformed-reference');
});

test('of an index with several platforms the one that FROM asks for is taken, else that of the build', async (t) => {
	const top = scratch(t);
	mkdirSync(`${top}/multi/blobs/sha256`, {recursive: true});
	const put = (mediaType: string, document: unknown): {mediaType: string; digest: string; size: number} => {
		const bytes = JSON.stringify(document);
		const digest = sha256(Buffer.from(bytes));
		writeFileSync(`${top}/multi/blobs/${digest.replace(':', '/')}`, bytes);
		return {mediaType: `application/vnd.oci.image.${mediaType}+json`, digest, size: bytes.length};
	};
	const manifests = ['amd64', 'arm64'].map((architecture) => {
		const config = put('config.v1', {os: 'linux', architecture, rootfs: {type: 'layers', diff_ids: []}});
		return {...put('manifest.v1', {schemaVersion: 2, config, layers: []}), platform: {os: 'linux', architecture}};
	});
	const index = put('index.v1', {schemaVersion: 2, manifests});
	writeFileSync(`${top}/multi/oci-layout`, '{"imageLayoutVersion": "1.0.0"}');
	writeFileSync(`${top}/multi/index.json`, JSON.stringify({schemaVersion: 2, manifests: [index]}));
	const resolve = resolver(top);
	const architectureOf = async (base: Partial<BaseReference>): Promise<string> =>
		(await resolve({kind: 'oci', path: 'multi', ...base} as BaseReference)).config.architecture;
	t.is(await architectureOf({}), 'amd64');
	t.is(await architectureOf({platform: 'linux/arm64'}), 'arm64');
	t.is(await architectureOf({}), 'amd64');
	t.is(await codeOf(() => architectureOf({platform: 'linux/s390x'})), 'base/no-platform');
});
