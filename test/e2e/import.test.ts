import test, {type ExecutionContext} from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {deflateRawSync, gzipSync} from 'node:zlib';
import {digestOf} from '../support/hostile-image.ts';
import {type Described, type Family, families, ImageLayout, type LayoutLayer} from '../support/image-layout.ts';
import {makeTar, member, type Member} from '../support/make-tar.ts';
import {watchMemory} from '../support/peak-memory.ts';
import {debianProgram} from '../support/requirements.ts';
import {storeListing} from '../support/store-listing.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const zstd = debianProgram('zstd');
const file = (path: string, content = path): Member => member('file', path, content);
const directory = (path: string): Member => member('directory', path);
const tar = makeTar([file('f', 'content')]);
const refName = 'org.opencontainers.image.ref.name';
const platformOf = (architecture: string, os = 'linux'): {os: string; architecture: string} => ({os, architecture});

function freshLayout(): ImageLayout {
	return new ImageLayout(place.fresh('layout'));
}

/** Imports a source as `x`; returns the paths of all its files. */
async function imported(t: ExecutionContext, source: string, what = source): Promise<readonly string[]> {
	const {code, stderr} = await place.boxbuild(['import', '-t', 'x', source]);
	t.is(code, 0, `${what}: ${stderr}`);
	const {stdout} = await place.boxbuild(['ls', '-R', 'x', '--json']);
	return stdout
		.trim()
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => (JSON.parse(line) as {path: string}).path);
}

/** An image of these layers. */
function layoutOf(layers: readonly LayoutLayer[], family: Family = families.oci): string {
	const layout = freshLayout();
	layout.finish(layout.image({layers, family}));
	return `oci:${layout.directory}`;
}

/** Imports what is refused: exit code, the diagnostic's code, and a store in which nothing came or went. */
async function refused(
	t: ExecutionContext,
	source: string,
	{code, status, says}: {code: string; status: number; says?: RegExp},
): Promise<void> {
	const before = storeListing(place.store);
	const ended = await place.boxbuild(['import', '-t', 'refused', source]);
	t.is(ended.code, status, ended.stderr);
	t.true(ended.stderr.includes(`error[${code}]`), ended.stderr);
	if (says !== undefined) t.regex(ended.stderr, says);
	t.deepEqual(storeListing(place.store), before, code);
}

test.serial('manifests, configurations and layers of OCI and of Docker', async (t) => {
	for (const family of Object.values(families)) {
		const suffix = family === families.docker ? '.gzip' : '+gzip';
		t.deepEqual(await imported(t, layoutOf([{tar}, {tar: makeTar([file('g')]), blob: gzipSync(makeTar([file('g')])), suffix}], family)), [
			'f',
			'g',
		]);
	}
});

test.serial('gzip with several members, and with rubbish in its header fields', async (t) => {
	const members = Buffer.concat([gzipSync(tar.subarray(0, 700)), gzipSync(Buffer.alloc(0)), gzipSync(tar.subarray(700))]);
	t.deepEqual(await imported(t, layoutOf([{tar, blob: members, suffix: '+gzip'}])), ['f']);
	// FNAME, FCOMMENT and FEXTRA (RFC 1952, 2.3.1), as estargz and others write.
	const head = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0x1c, 0, 0, 0, 0, 0, 3, 2, 0, 1, 2]), Buffer.from('name\0comment\0')]);
	const trailer = gzipSync(tar).subarray(-8);
	t.deepEqual(await imported(t, layoutOf([{tar, blob: Buffer.concat([head, deflateRawSync(tar), trailer]), suffix: '+gzip'}])), ['f']);
});

when(zstd, 'zstd with several frames, skippable frames anywhere, and frames without a size', async (t) => {
	const frame = (bytes: Buffer, ...args: readonly string[]): Buffer => execFileSync('zstd', ['-c', '-q', ...args], {input: bytes});
	const skippable = Buffer.concat([Buffer.from([0x5e, 0x2a, 0x4d, 0x18, 5, 0, 0, 0]), Buffer.from('skip!')]);
	const [one, two] = [tar.subarray(0, 700), tar.subarray(700)];
	for (const blob of [
		Buffer.concat([frame(one), frame(two, '-19')]),
		Buffer.concat([skippable, frame(one), skippable, skippable, frame(two, '--no-content-size'), skippable]),
		Buffer.concat([frame(one), frame(Buffer.alloc(0)), frame(two, '--no-check')]),
	])
		t.deepEqual(await imported(t, layoutOf([{tar, blob, suffix: '+zstd'}])), ['f']);
	t.deepEqual(await imported(t, layoutOf([{tar, blob: frame(tar), suffix: '.zstd'}], families.docker)), ['f']);
	await refused(t, layoutOf([{tar: Buffer.concat([tar, tar]), blob: frame(Buffer.concat([tar, tar])).subarray(0, -3), suffix: '+zstd'}]), {
		code: 'base/damaged-compression',
		status: 4,
	});
});

test.serial('entries in any order: children before parents, whiteouts before and after what they spare', async (t) => {
	const lower = {tar: makeTar([directory('d'), file('d/old'), file('d/kept'), directory('e'), file('e/old'), file('gone')])};
	const orders: readonly (readonly [string, readonly Member[], readonly string[]])[] = [
		['child first', [file('n/m/c'), directory('n/m'), directory('n')], ['d', 'd/kept', 'd/old', 'e', 'e/old', 'gone', 'n', 'n/m', 'n/m/c']],
		['whiteout first', [file('d/.wh.old', ''), file('d/new'), file('.wh.gone', '')], ['d', 'd/kept', 'd/new', 'e', 'e/old']],
		['whiteout last', [file('d/new'), directory('d'), file('d/.wh.old', ''), file('.wh.gone', '')], ['d', 'd/kept', 'd/new', 'e', 'e/old']],
		['opaque first', [directory('d'), file('d/.wh..wh..opq', ''), file('d/new')], ['d', 'd/new', 'e', 'e/old', 'gone']],
		[
			'opaque in the middle',
			[directory('d'), file('d/a'), file('d/.wh..wh..opq', ''), file('d/b')],
			['d', 'd/a', 'd/b', 'e', 'e/old', 'gone'],
		],
		['opaque last, directory after it', [file('d/a'), file('d/.wh..wh..opq', ''), directory('d')], ['d', 'd/a', 'e', 'e/old', 'gone']],
		['opaque of the root', [file('.wh..wh..opq', ''), file('a')], ['a']],
		['a whiteout spares its own layer', [file('gone', 'new'), file('.wh.gone', '')], ['d', 'd/kept', 'd/old', 'e', 'e/old', 'gone']],
	];
	for (const [what, members, paths] of orders)
		t.deepEqual(await imported(t, layoutOf([lower, {tar: makeTar(members)}]), what), paths, what);
});

test.serial('duplicated and empty layers', async (t) => {
	const empty = {tar: makeTar([])};
	const removed = {tar: makeTar([file('.wh.f', '')])};
	t.deepEqual(await imported(t, layoutOf([{tar}, {tar}])), ['f']);
	t.deepEqual(await imported(t, layoutOf([empty, {tar}, empty, empty])), ['f']);
	t.deepEqual(await imported(t, layoutOf([{tar}, removed, {tar}])), ['f']);
	t.deepEqual(await imported(t, layoutOf([{tar}, removed, {tar}, removed])), []);
	t.deepEqual(await imported(t, layoutOf([empty])), []);
	t.deepEqual(await imported(t, layoutOf([])), []);
});

test.serial('an image of 127 layers, and one of 500', async (t) => {
	for (const count of [127, 500]) {
		const layers = Array.from({length: count}, (_, at) => ({tar: makeTar([file(`f${at}`, String(at)), file('last', String(at))])}));
		t.is((await imported(t, layoutOf(layers))).length, count + 1);
		t.is((await place.boxbuild(['cat', 'x', 'last'])).stdout, String(count - 1));
		t.is((await place.boxbuild(['cat', 'x', 'f0'])).stdout, '0');
	}
});

test.serial('of an index the image of this machine is taken, whatever stands around it', async (t) => {
	const native = process.arch === 'arm64' ? 'arm64' : 'amd64';
	const foreign = native === 'arm64' ? 'amd64' : 'arm64';
	const cases: readonly (readonly [string, (layout: ImageLayout, right: Described, wrong: Described) => readonly Described[]])[] = [
		['an index', (layout, right, wrong) => [layout.index([wrong, right])]],
		['a manifest list of Docker', (layout, right, wrong) => [layout.index([wrong, right], families.docker)]],
		['nested indexes', (layout, right, wrong) => [layout.index([layout.index([wrong]), layout.index([layout.index([right])])])]],
		['the index of the layout itself', (_, right, wrong) => [wrong, right]],
		['equal names', (_, right, wrong) => [wrong, right].map((image) => ({...image, annotations: {[refName]: 'v1'}}))],
		['attestations', (layout, right) => [layout.index([attestationOf(layout, right), right, attestationOf(layout, right)])]],
		['attestations in the layout itself', (layout, right) => [right, attestationOf(layout, right)]],
		['signatures', (layout, right) => [layout.index([signatureOf(layout), right])]],
		['the same twice', (_, right) => [right, right]],
	];
	for (const [what, arrange] of cases) {
		const layout = freshLayout();
		const right = layout.image({layers: [{tar}], platform: platformOf(native)});
		const wrong = layout.image({layers: [{tar: makeTar([file('wrong')])}], platform: platformOf(foreign)});
		layout.finish(...arrange(layout, right, wrong));
		t.deepEqual(await imported(t, `oci:${layout.directory}`, what), ['f'], what);
		t.true((await place.boxbuild(['images', '-q', 'x'])).stdout.includes(right.digest), what);
		execFileSync('tar', ['-C', layout.directory, '-cf', `${layout.directory}.tar`, '.']);
		t.deepEqual(await imported(t, `oci-archive:${layout.directory}.tar`, what), ['f'], what);
	}
});

/** As BuildKit puts them into indexes. */
function attestationOf(layout: ImageLayout, image: Described): Described {
	const config = layout.put(families.oci.config, {
		...platformOf('unknown', 'unknown'),
		config: {},
		rootfs: {type: 'layers', diff_ids: [digestOf('{}')]},
	});
	const statement = layout.put('application/vnd.in-toto+json', {});
	return {
		...layout.put(families.oci.manifest, {schemaVersion: 2, mediaType: families.oci.manifest, config, layers: [statement]}),
		annotations: {'vnd.docker.reference.digest': image.digest, 'vnd.docker.reference.type': 'attestation-manifest'},
		platform: platformOf('unknown', 'unknown'),
	};
}

function signatureOf(layout: ImageLayout): Described {
	return layout.put('application/vnd.example.signature+json', {});
}

test.serial('what is no image for this machine says what it is, and leaves nothing', async (t) => {
	await imported(t, layoutOf([{tar}]));
	const put = (arrange: (layout: ImageLayout) => readonly Described[]): string => {
		const layout = freshLayout();
		layout.finish(...arrange(layout));
		return `oci:${layout.directory}`;
	};
	const config = {architecture: 'amd64', os: 'linux', rootfs: {type: 'layers', diff_ids: [digestOf(tar)]}};
	const manifest = (layout: ImageLayout, more: object): Described =>
		layout.put(families.oci.manifest, {
			schemaVersion: 2,
			mediaType: families.oci.manifest,
			config: layout.put(families.oci.config, config),
			layers: [layout.put(families.oci.layer, tar)],
			...more,
		});
	await refused(
		t,
		put((layout) => [
			layout.index([layout.image({layers: [{tar}], platform: platformOf('s390x')}), attestationOf(layout, manifest(layout, {}))]),
		]),
		{
			code: 'base/no-platform',
			status: 2,
			says: /it has linux\/s390x/v,
		},
	);
	await refused(
		t,
		put((layout) => [attestationOf(layout, manifest(layout, {}))]),
		{code: 'base/malformed', status: 2},
	);
	const schema1 = 'application/vnd.docker.distribution.manifest.v1+prettyjws';
	const old = {schemaVersion: 1, name: 'x', tag: '1', architecture: 'amd64', fsLayers: [{blobSum: digestOf(tar)}], history: []};
	await refused(
		t,
		put((layout) => [layout.put(schema1, old)]),
		{code: 'base/unsupported-image', status: 2, says: /schema 1/v},
	);
	await refused(
		t,
		put((layout) => [layout.put(families.oci.manifest, old)]),
		{code: 'base/unsupported-image', status: 2, says: /schema 1/v},
	);
	const empty = 'application/vnd.oci.empty.v1+json';
	await refused(
		t,
		put((layout) => [manifest(layout, {artifactType: 'application/x-sbom', config: layout.put(empty, {})})]),
		{
			code: 'base/unsupported-image',
			status: 2,
			says: /artifact of the type `application\/x-sbom`/v,
		},
	);
	const foreign = 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip';
	const elsewhere = {mediaType: foreign, digest: digestOf('elsewhere'), size: 9, urls: ['https://x.example/layer']};
	await refused(
		t,
		put((layout) => [manifest(layout, {layers: [elsewhere]})]),
		{code: 'base/unsupported-image', status: 2, says: /may not be distributed/v},
	);
	const several = put((layout) => [layout.image({layers: [{tar}]}), layout.image({layers: []})]);
	await refused(t, several, {code: 'base/ambiguous', status: 2});
});

test.serial('docker archives: the configuration keeps its bytes, one image of several is taken by name', async (t) => {
	const saved = place.fresh('saved');
	mkdirSync(saved);
	const other = makeTar([file('other')]);
	const config = (layer: Buffer): string =>
		JSON.stringify(
			{'x-unknown': 1, os: 'linux', architecture: 'amd64', rootfs: {type: 'layers', diff_ids: [digestOf(layer)]}},
			undefined,
			1,
		);
	for (const [name, layer] of [
		['a', tar],
		['b', other],
	] as const) {
		writeFileSync(`${saved}/${name}.tar`, layer);
		writeFileSync(`${saved}/${name}.json`, config(layer));
	}
	const images = [
		{Config: 'a.json', RepoTags: ['a:1', 'a:2'], Layers: ['a.tar']},
		{Config: 'b.json', RepoTags: ['b:latest'], Layers: ['b.tar']},
	];
	writeFileSync(`${saved}/manifest.json`, JSON.stringify(images));
	execFileSync('tar', ['-C', saved, '-cf', `${saved}.tar`, '.']);
	await refused(t, `docker-archive:${saved}.tar`, {code: 'base/ambiguous', status: 2, says: /`a:1`, `a:2`, `b:latest`/v});
	t.deepEqual(await imported(t, `docker-archive:${saved}.tar:b:latest`), ['other']);
	t.like(JSON.parse((await place.boxbuild(['inspect', 'x'])).stdout), {configDigest: digestOf(config(other))});
	// The other image was read, too, and is not kept.
	t.false(storeListing(place.store).some((path) => path.endsWith(digestOf(config(tar)).slice(7))));
	t.deepEqual(await imported(t, `docker-archive:${saved}.tar:a:2`), ['f']);
	const archive = place.fresh('again.tar');
	t.is((await place.boxbuild(['export', 'x', '-o', `type=docker,dest=${archive}`])).code, 0);
	const path = `blobs/sha256/${digestOf(config(tar)).slice(7)}`;
	t.is(execFileSync('tar', ['-xOf', archive, path], {encoding: 'utf8'}), config(tar));
	t.true(readFileSync(archive).length > 0);
});

test.serial('a layer of 200 000 entries takes little memory', async (t) => {
	const archive = place.fresh('many.tar');
	const script = `import io, tarfile
archive = tarfile.open(${JSON.stringify(archive)}, 'w', format=tarfile.USTAR_FORMAT)
for number in range(200000):
    info = tarfile.TarInfo('d%d/f%d' % (number // 1000, number))
    info.size = 1
    archive.addfile(info, io.BytesIO(b'x'))
archive.close()`;
	execFileSync('python3', ['-c', script]);
	const most: {bytes: number; name: string}[] = [];
	for (const args of [
		['import', '-t', 'many', archive],
		['export', 'many', '-o', `type=oci,dest=${archive}.oci`],
		['import', '-t', 'again', `oci-archive:${archive}.oci`],
	]) {
		let memory: ReturnType<typeof watchMemory> | undefined;
		const ended = await place.boxbuild(args, {started: (child) => (memory = watchMemory(child.pid ?? 0))});
		t.is(ended.code, 0, ended.stderr);
		if (memory !== undefined) most.push(memory.stop());
	}
	t.log(most.map(({bytes, name}) => `${Math.round(bytes / 1e6)} MB ${name.slice(0, 60)}`).join('; '));
	t.true(
		most.every(({bytes}) => bytes < 300e6),
		JSON.stringify(most),
	);
	t.is((await place.boxbuild(['ls', 'many', '/d199'])).stdout.split('\n').length, 1001);
});
