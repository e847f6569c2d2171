import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {parseAnnotation} from '../../src/cli/annotation-option.ts';
import {zstdFrames} from '../../src/host/zstd-frames.ts';
import type {Descriptor} from '../../src/oci/descriptor.ts';
import {exporters} from '../../src/exporters/registry.ts';
import {parseOutput} from '../../src/exporters/output-spec.ts';
import {sources} from '../../src/sources/registry.ts';
import {openStore} from '../../src/store/open-store.ts';
import {epoch, makeImage, makeTar, outputOf, platform} from '../support/image-support.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {codeOf, collect, scratch, streamOf} from '../support/store-support.ts';

const large = Buffer.alloc(3_500_000, 'a compressible text, ');
const oci = await exporters.oci();
const docker = await exporters.docker();
const skopeo = debianProgram('skopeo');
const umoci = debianProgram('umoci');

function fixture(directory: string): ReturnType<typeof makeImage> {
	const tars = [makeTar(directory, 'one', {'etc/name': 'one', large}), makeTar(directory, 'two', {'etc/name': 'two'})];
	return makeImage(openStore(`${directory}/store`), tars);
}

when(skopeo, 'skopeo reads the OCI archive, the OCI directory and the docker archive', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const {digest} = await oci.export(set, outputOf(`type=oci,dest=${top}/a.tar`), context);
	await oci.export(set, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	await oci.export(set, outputOf(`type=oci,dest=${top}/plain,tar=false,compression=none`), context);
	await docker.export(set, outputOf(`type=docker,dest=${top}/d.tar`), context);
	const inspect = (name: string): {Digest: string; Layers: string[]} =>
		JSON.parse(execFileSync('skopeo', ['inspect', name], {encoding: 'utf8'}));
	t.is(inspect(`oci-archive:${top}/a.tar`).Digest, digest ?? '');
	t.is(inspect(`oci:${top}/dir:v1`).Digest, digest ?? '');
	for (const [at, from] of [
		`oci-archive:${top}/a.tar`,
		`oci:${top}/plain:v1`,
		`docker-archive:${top}/d.tar`,
		`docker-archive:${top}/d.tar:app:v1`,
	].entries()) {
		execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', from, `dir:${top}/copy${at}`]);
	}
	t.deepEqual(
		JSON.parse(execFileSync('skopeo', ['inspect', '--config', `docker-archive:${top}/d.tar`], {encoding: 'utf8'})).rootfs.diff_ids,
		set.images[0]?.config.rootfs.diff_ids,
	);
});

when(umoci, 'umoci unpacks what was compressed in blocks', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	await oci.export(set, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	execFileSync('umoci', ['unpack', '--rootless', '--image', `${top}/dir:v1`, `${top}/bundle`], {stdio: 'pipe'});
	t.is(readFileSync(`${top}/bundle/rootfs/etc/name`, 'utf8'), 'two');
	t.true(readFileSync(`${top}/bundle/rootfs/large`).equals(large));
});

test('the same image gives the same archive, from another store too, and blobs are used again', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const archive = async (name: string, store = context.store): Promise<Buffer> => {
		await oci.export(set, outputOf(`type=oci,dest=${top}/${name}`), {...context, store});
		return readFileSync(`${top}/${name}`);
	};
	const first = await archive('1.tar');
	t.true(first.equals(await archive('2.tar', openStore(`${top}/other`))));
	const unused = {
		...context,
		layers: {
			open() {
				throw new Error('a layer was read again');
			},
		},
	};
	await oci.export(set, outputOf(`type=oci,dest=${top}/3.tar`), unused);
	t.true(first.equals(readFileSync(`${top}/3.tar`)));
});

test('a layer that is not what its diffID says is not exported, and no file stays', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const wrong = {
		...context,
		layers: {
			async *open() {
				yield Buffer.from('something else');
			},
		},
	};
	const files = readdirSync(top).length;
	t.is(await codeOf(() => oci.export(set, outputOf(`type=oci,dest=${top}/a.tar`), wrong)), 'export/layer-changed');
	t.is(
		await codeOf(() =>
			docker.export(
				{...set, images: set.images.map((image) => ({...image, layers: image.layers.map((layer) => ({...layer, size: 14}))}))},
				outputOf(`type=docker,dest=${top}/a.tar`),
				wrong,
			),
		),
		'export/layer-changed',
	);
	t.is(readdirSync(top).length, files);
	t.deepEqual(readdirSync(`${top}/store/blobs/sha256`), []);
});

test('an OCI directory takes a second image, but no other directory is touched', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const spec = outputOf(`type=oci,dest=${top}/dir,tar=false`);
	await oci.export(set, spec, context);
	await oci.export({...set, names: ['docker.io/library/app:v2']}, spec, context);
	await oci.export({...set, names: ['docker.io/library/app:v2']}, spec, context);
	t.is(JSON.parse(readFileSync(`${top}/dir/index.json`, 'utf8')).manifests.length, 2);
	mkdirSync(`${top}/letters`);
	writeFileSync(`${top}/letters/letter`, '');
	t.is(await codeOf(() => oci.export(set, outputOf(`type=oci,dest=${top}/letters,tar=false`), context)), 'export/occupied');
	t.is(await codeOf(() => oci.export(set, outputOf(`type=oci,dest=${top}/none/a.tar`), context)), 'export/not-writable');
});

test('every kind of output comes back through its source as the same image', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const {digest} = await oci.export(set, outputOf(`type=oci,dest=${top}/a.tar`), context);
	await oci.export(set, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	await docker.export(set, outputOf(`type=docker,dest=${top}/d.tar`), context);
	const store = openStore(`${top}/second`);
	const resolve = async (kind: 'oci' | 'oci-archive' | 'docker-archive', path: string, tag?: string): Promise<unknown> => {
		const source = await sources[kind]();
		const found = await source.resolve({kind, path, ...(tag === undefined ? {} : {tag})}, {store, platform, epoch, directory: top});
		t.deepEqual(found.config, set.images[0]?.config);
		t.true(found.layers.every(({blob}) => blob !== undefined && store.blobs.has(blob)));
		return found.digest;
	};
	t.is(await resolve('oci', `${top}/dir`), digest);
	t.is(await resolve('oci', `${top}/dir`, 'v1'), digest);
	t.is(await resolve('oci-archive', `${top}/a.tar`), digest);
	await resolve('docker-archive', `${top}/d.tar`);
	await resolve('docker-archive', `${top}/d.tar`, 'app:v1');
	t.is(await codeOf(() => resolve('oci', `${top}/dir`, 'v9')), 'base/no-tag');
	t.is(await codeOf(() => resolve('docker-archive', `${top}/d.tar`, 'v9')), 'base/no-tag');
});

when(skopeo, 'archives that skopeo writes are read', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	await oci.export(set, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${top}/dir:v1`, `docker-archive:${top}/s.tar:app:v1`]);
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${top}/dir:v1`, `oci-archive:${top}/o.tar:v1`]);
	const store = openStore(`${top}/second`);
	for (const [kind, path] of [
		['docker-archive', `${top}/s.tar`],
		['oci-archive', `${top}/o.tar`],
	] as const) {
		const found = await (await sources[kind]()).resolve({kind, path}, {store, platform, epoch, directory: top});
		t.deepEqual(found.config.rootfs.diff_ids, set.images[0]?.config.rootfs.diff_ids);
	}
});

test('changed, cut and missing blobs and wrong documents of a layout are refused', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	await oci.export(set, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	const source = await sources.oci();
	let count = 0;
	const attempt = (damage: (directory: string, names: readonly string[]) => void): Promise<string | undefined> => {
		const directory = `${top}/copy${count++}`;
		cpSync(`${top}/dir`, directory, {recursive: true});
		damage(directory, readdirSync(`${directory}/blobs/sha256`));
		const store = openStore(`${directory}-store`);
		return codeOf(() => source.resolve({kind: 'oci', path: directory}, {store, platform, epoch, directory: top}));
	};
	const names = readdirSync(`${top}/dir/blobs/sha256`);
	t.is(names.length, 4);
	for (const name of names) {
		const path = (directory: string): string => `${directory}/blobs/sha256/${name}`;
		t.is(await attempt((directory) => writeFileSync(path(directory), readFileSync(path(directory)).subarray(1))), 'base/damaged');
		t.is(
			await attempt((directory) => writeFileSync(path(directory), Buffer.concat([readFileSync(path(directory)), Buffer.from('\n')]))),
			'base/damaged',
		);
		t.is(await attempt((directory) => writeFileSync(path(directory), Buffer.alloc(readFileSync(path(directory)).length))), 'base/damaged');
	}
	const edit = (change: (index: {manifests: Record<string, unknown>[]}) => unknown) => (directory: string) => {
		writeFileSync(`${directory}/index.json`, JSON.stringify(change(JSON.parse(readFileSync(`${directory}/index.json`, 'utf8')))));
	};
	t.is(await attempt(edit((index) => ({...index, layers: []}))), 'base/malformed');
	t.is(await attempt(edit((index) => ({...index, manifests: [{...index.manifests[0], digest: 'sha256:../../x'}]}))), 'base/malformed');
	t.is(await attempt(edit((index) => ({...index, manifests: [{...index.manifests[0], size: 3}]}))), 'base/damaged');
	t.is(await attempt(edit((index) => ({...index, manifests: []}))), 'base/damaged');
	t.is(await attempt((directory) => writeFileSync(`${directory}/oci-layout`, '{}')), 'base/malformed');
	t.is(
		await codeOf(() => source.resolve({kind: 'oci', path: `${top}/nothing`}, {store: context.store, platform, epoch, directory: top})),
		'base/not-found',
	);
	t.false(existsSync(`${top}/x`));
});

test('zstd of frames is read by the zstd program, and no thread or store changes its bytes', async (t) => {
	const bytes = Buffer.concat([randomBytes(5 << 20), Buffer.alloc(6 << 20, 'again and ')]);
	const once = await collect(zstdFrames(streamOf(bytes), 3));
	t.true(once.equals(await collect(zstdFrames(streamOf(bytes.subarray(0, 1000), bytes.subarray(1000)), 3))));
	t.true(execFileSync('zstd', ['-dc'], {input: once, maxBuffer: 1 << 28}).equals(bytes));
	t.is(execFileSync('zstd', ['-dc'], {input: await collect(zstdFrames(streamOf(Buffer.alloc(0)), 3))}).length, 0);
	t.true((await collect(zstdFrames(streamOf(bytes), 19))).length <= once.length);
});

test('layers are compressed with zstd, or left as the base had them unless that is forced', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const layersOf = async (output: string, of = set): Promise<{mediaType: string; digest: string}[]> => {
		const directory = `${top}/${output.replaceAll(/\W/gv, '')}`;
		const {digest} = await oci.export(of, outputOf(`type=oci,dest=${directory},tar=false,${output}`), context);
		return JSON.parse(readFileSync(`${directory}/blobs/sha256/${digest?.slice(7)}`, 'utf8')).layers;
	};
	const [first] = await layersOf('compression=zstd');
	t.is(first?.mediaType, 'application/vnd.oci.image.layer.v1.tar+zstd');
	const [slow] = await layersOf('compression=gzip,compression-level=9');
	const based = {
		...set,
		images: set.images.map((image) => ({
			...image,
			layers: image.layers.map((layer, at) => (at === 0 && slow !== undefined ? {...layer, blob: slow as Descriptor} : layer)),
		})),
	};
	t.is((await layersOf('compression-level=1', based))[0]?.digest, slow?.digest);
	t.not((await layersOf('compression-level=1,force-compression=true', based))[0]?.digest, slow?.digest);
});

when(skopeo, 'images of several platforms become an index with the annotations that were asked for', async (t) => {
	const top = scratch(t);
	const {set, context} = fixture(top);
	const arm = set.images.map((image) => ({...image, config: {...image.config, architecture: 'arm64'}}));
	const annotations = [
		'all=1',
		'index:whole=2',
		'manifest[linux/arm64]:one=3',
		'manifest-descriptor[linux/arm64]:near=4',
		'index-descriptor:top=5',
	].map(parseAnnotation);
	const both = {...set, images: [...set.images, ...arm], isIndex: true, annotations};
	const {digest} = await oci.export(both, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	const read = (
		name: string | undefined,
	): {annotations?: unknown; manifests: {digest: string; annotations?: unknown; platform: unknown}[]} =>
		JSON.parse(readFileSync(`${top}/dir/blobs/sha256/${name?.slice(7)}`, 'utf8'));
	const index = read(digest);
	t.like(JSON.parse(readFileSync(`${top}/dir/index.json`, 'utf8')).manifests[0], {digest, annotations: {top: '5'}});
	t.deepEqual(index.annotations, {whole: '2'});
	t.deepEqual(
		index.manifests.map(({platform, annotations: found}) => [platform, found]),
		[
			[platform, undefined],
			[{os: 'linux', architecture: 'arm64'}, {near: '4'}],
		],
	);
	t.deepEqual(
		index.manifests.map((entry) => read(entry.digest).annotations),
		[{all: '1'}, {all: '1', one: '3'}],
	);
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', '--all', `oci:${top}/dir:v1`, `dir:${top}/all`]);
	for (const architecture of ['amd64', 'arm64']) {
		const args = ['inspect', '--override-arch', architecture, `oci:${top}/dir:v1`];
		t.is(JSON.parse(execFileSync('skopeo', args, {encoding: 'utf8'})).Architecture, architecture);
	}
	t.is(await codeOf(() => docker.export(both, outputOf(`type=docker,dest=${top}/d.tar`), context)), 'export/one-platform');
});

test('outputs are written as docker buildx has them', (t) => {
	t.like(parseOutput('out').value, {type: 'local', destination: 'out'});
	t.like(parseOutput('-').value, {type: 'tar', destination: '-'});
	t.like(parseOutput('type=oci,dest=a.tar,name=x,compression=none').value, {
		type: 'oci',
		archive: true,
		names: ['docker.io/library/x:latest'],
		compression: 'none',
	});
	t.like(parseOutput('type=oci,"dest=a,b",tar=false,compression-level=9').value, {
		destination: 'a,b',
		archive: false,
		compression: 'gzip',
		level: 9,
	});
	for (const text of [
		'',
		'type=oic,dest=x',
		'type=oci',
		'type=oci,dest=x,dest=y',
		'type=local,dest=-',
		'type=tar,dest=x,tar=false',
		'type=oci,dest=x,compression=zip',
		'type=oci,dest=x,compression-level=10',
		'type=oci,dest=x,compression=zstd,compression-level=23',
		'type=oci,dest=x,force-compression=maybe',
		'type=docker,dest=x,compression=zstd',
		'type=registry,dest=x',
		'type=oci,dest=x,color=red',
		'dest=x',
	]) {
		t.is(parseOutput(text).diagnostics[0]?.code, 'export/malformed-output', text);
	}
});
