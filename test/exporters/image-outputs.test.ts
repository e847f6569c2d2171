import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {exporters} from '../../src/exporters/registry.ts';
import {parseOutput} from '../../src/exporters/output-spec.ts';
import {sources} from '../../src/sources/registry.ts';
import {openStore} from '../../src/store/open-store.ts';
import {epoch, makeImage, makeTar, outputOf, platform} from '../support/image-support.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {codeOf, scratch} from '../support/store-support.ts';

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
	const {image, context} = fixture(top);
	const {digest} = await oci.export(image, outputOf(`type=oci,dest=${top}/a.tar`), context);
	await oci.export(image, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	await oci.export(image, outputOf(`type=oci,dest=${top}/plain,tar=false,compression=none`), context);
	await docker.export(image, outputOf(`type=docker,dest=${top}/d.tar`), context);
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
		image.config.rootfs.diff_ids,
	);
});

when(umoci, 'umoci unpacks what was compressed in blocks', async (t) => {
	const top = scratch(t);
	const {image, context} = fixture(top);
	await oci.export(image, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	execFileSync('umoci', ['unpack', '--rootless', '--image', `${top}/dir:v1`, `${top}/bundle`], {stdio: 'pipe'});
	t.is(readFileSync(`${top}/bundle/rootfs/etc/name`, 'utf8'), 'two');
	t.true(readFileSync(`${top}/bundle/rootfs/large`).equals(large));
});

test('the same image gives the same archive, from another store too, and blobs are used again', async (t) => {
	const top = scratch(t);
	const {image, context} = fixture(top);
	const archive = async (name: string, store = context.store): Promise<Buffer> => {
		await oci.export(image, outputOf(`type=oci,dest=${top}/${name}`), {...context, store});
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
	await oci.export(image, outputOf(`type=oci,dest=${top}/3.tar`), unused);
	t.true(first.equals(readFileSync(`${top}/3.tar`)));
});

test('a layer that is not what its diffID says is not exported, and no file stays', async (t) => {
	const top = scratch(t);
	const {image, context} = fixture(top);
	const wrong = {
		...context,
		layers: {
			async *open() {
				yield Buffer.from('something else');
			},
		},
	};
	const files = readdirSync(top).length;
	t.is(await codeOf(() => oci.export(image, outputOf(`type=oci,dest=${top}/a.tar`), wrong)), 'export/layer-changed');
	t.is(
		await codeOf(() =>
			docker.export(
				{...image, layers: image.layers.map((layer) => ({...layer, size: 14}))},
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
	const {image, context} = fixture(top);
	const spec = outputOf(`type=oci,dest=${top}/dir,tar=false`);
	await oci.export(image, spec, context);
	await oci.export({...image, names: ['docker.io/library/app:v2']}, spec, context);
	await oci.export({...image, names: ['docker.io/library/app:v2']}, spec, context);
	t.is(JSON.parse(readFileSync(`${top}/dir/index.json`, 'utf8')).manifests.length, 2);
	mkdirSync(`${top}/letters`);
	writeFileSync(`${top}/letters/letter`, '');
	t.is(await codeOf(() => oci.export(image, outputOf(`type=oci,dest=${top}/letters,tar=false`), context)), 'export/occupied');
	t.is(await codeOf(() => oci.export(image, outputOf(`type=oci,dest=${top}/none/a.tar`), context)), 'export/not-writable');
});

test('every kind of output comes back through its source as the same image', async (t) => {
	const top = scratch(t);
	const {image, context} = fixture(top);
	const {digest} = await oci.export(image, outputOf(`type=oci,dest=${top}/a.tar`), context);
	await oci.export(image, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	await docker.export(image, outputOf(`type=docker,dest=${top}/d.tar`), context);
	const store = openStore(`${top}/second`);
	const resolve = async (kind: 'oci' | 'oci-archive' | 'docker-archive', path: string, tag?: string): Promise<unknown> => {
		const source = await sources[kind]();
		const found = await source.resolve({kind, path, ...(tag === undefined ? {} : {tag})}, {store, platform, epoch, directory: top});
		t.deepEqual(found.config, image.config);
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
	const {image, context} = fixture(top);
	await oci.export(image, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${top}/dir:v1`, `docker-archive:${top}/s.tar:app:v1`]);
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', `oci:${top}/dir:v1`, `oci-archive:${top}/o.tar:v1`]);
	const store = openStore(`${top}/second`);
	for (const [kind, path] of [
		['docker-archive', `${top}/s.tar`],
		['oci-archive', `${top}/o.tar`],
	] as const) {
		const found = await (await sources[kind]()).resolve({kind, path}, {store, platform, epoch, directory: top});
		t.deepEqual(found.config.rootfs.diff_ids, image.config.rootfs.diff_ids);
	}
});

test('changed, cut and missing blobs and wrong documents of a layout are refused', async (t) => {
	const top = scratch(t);
	const {image, context} = fixture(top);
	await oci.export(image, outputOf(`type=oci,dest=${top}/dir,tar=false`), context);
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

test('outputs are written as docker buildx has them', (t) => {
	t.like(parseOutput('out').value, {type: 'local', destination: 'out'});
	t.like(parseOutput('-').value, {type: 'tar', destination: '-'});
	t.like(parseOutput('type=oci,dest=a.tar,name=x,compression=none').value, {type: 'oci', archive: true, name: 'x', compression: 'none'});
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
		'type=oci,dest=x,color=red',
		'dest=x',
	]) {
		t.is(parseOutput(text).diagnostics[0]?.code, 'export/malformed-output', text);
	}
});
