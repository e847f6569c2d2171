import test, {type ExecutionContext} from 'ava';
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import {digestOf} from '../support/hostile-image.ts';
import {arrange as arrangeIn, native, type Parts, replace} from '../support/hostile-layout.ts';
import {type Described, families, ImageLayout} from '../support/image-layout.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {watchMemory} from '../support/peak-memory.ts';
import {storeListing} from '../support/store-listing.ts';
import {Victim} from '../support/victim.ts';
import {Workplace} from '../support/workplace.ts';

const place = new Workplace();
const victim = new Victim(place);
test.after.always(() => place.remove());

const {oci} = families;
const other = makeTar([member('file', 'f', 'another')]);

test.before(async (t) => {
	// A store that holds something: nothing of it may change.
	const layout = new ImageLayout(place.fresh('good'));
	layout.finish(layout.image({layers: [{tar: makeTar([member('file', 'good', 'good')])}]}));
	t.is((await place.boxbuild(['import', '-t', 'good', `oci:${layout.directory}`])).code, 0);
});

type Rest<List extends readonly unknown[]> = List extends readonly [unknown, ...infer Others] ? Others : never;
const arrange = (...parts: Rest<Parameters<typeof arrangeIn>>): ImageLayout => arrangeIn(place.fresh('layout'), ...parts);

/** Imports a layout as it is and as an archive, and builds on it: refused in time, nothing comes into the store or out of the machine. */
async function isRefused(t: ExecutionContext, what: string, layout: ImageLayout, codes: RegExp): Promise<void> {
	const archive = `${layout.directory}.tar`;
	execFileSync('tar', ['-C', layout.directory, '-cf', archive, '.']);
	for (const source of [`oci:${layout.directory}`, `oci-archive:${archive}`]) {
		const before = storeListing(place.store);
		const {code, stderr, stdout, signal} = await place.boxbuild(['import', '-t', 'evil', source], {longest: 60_000});
		t.is(signal, null, `${what} ${source}`);
		t.true(code === 2 || code === 4, `${what} ${source}: ${code} ${stderr}`);
		t.regex(stderr, codes, what);
		t.deepEqual(storeListing(place.store), before, `${what} ${source}`);
		victim.isUntouched(t, what, stderr, stdout);
	}
	const built = await place.build({Boxfile: `FROM oci:${layout.directory}\nCOPY Boxfile /\n`}, [], {longest: 60_000});
	t.true(built.code === 2 || built.code === 4, `${what}: ${built.code} ${built.stderr}`);
	victim.isUntouched(t, what, built.stderr);
}

const damage = /error\[(?:base\/(?:damaged|malformed|damaged-compression|archive-refused)|store\/layer-damaged)\]/v;

test.serial('L11: blobs that differ from their digest or size', async (t) => {
	const cases: readonly (readonly [string, (layout: ImageLayout, parts: Parts) => void])[] = [
		['a layer of other content', (layout, {layer}) => replace(layout, layer, other)],
		['a layer that is longer', (layout, {layer, tar}) => replace(layout, layer, Buffer.concat([tar, Buffer.alloc(512)]))],
		['a layer that is shorter', (layout, {layer, tar}) => replace(layout, layer, tar.subarray(512))],
		['an empty layer', (layout, {layer}) => replace(layout, layer, '')],
		['a configuration of other content', (layout, {config}) => replace(layout, config, 'x'.repeat(config.size))],
		['a configuration that is longer', (layout, {config}) => replace(layout, config, 'x'.repeat(config.size + 1))],
		['a configuration that is missing', (layout, {config}) => rmSync(`${layout.directory}/blobs/${config.digest.replace(':', '/')}`)],
		['a layer that is missing', (layout, {layer}) => rmSync(`${layout.directory}/blobs/${layer.digest.replace(':', '/')}`)],
	];
	for (const [what, spoil] of cases) {
		const layout = arrange((made, parts) => {
			spoil(made, parts);
			return {};
		});
		await isRefused(t, what, layout, /error\[base\/(?:damaged|not-found)\]/v);
	}
});

test.serial('L11: layers that are not what the configuration says', async (t) => {
	const plain = (layout: ImageLayout, tar: Buffer): Described => layout.put(oci.layer, tar);
	const gzip = (layout: ImageLayout, bytes: Buffer): Described => layout.put(`${oci.layer}+gzip`, bytes);
	const right = (tar: Buffer): readonly string[] => [digestOf(tar)];
	for (const [what, make, diffIds] of [
		['another diffID', (layout: ImageLayout) => plain(layout, other), right],
		['another diffID behind gzip', (layout: ImageLayout) => gzip(layout, gzipSync(other)), right],
		['more diffIDs than layers', plain, (tar: Buffer) => [digestOf(tar), digestOf(tar)]],
		['no diffID', plain, () => []],
		['a diffID with a path', plain, () => ['sha256:../../../../etc/passwd']],
		['gzip that is none', (layout: ImageLayout) => gzip(layout, Buffer.alloc(2048, 'x')), right],
		['gzip that is cut', (layout: ImageLayout, tar: Buffer) => gzip(layout, gzipSync(tar).subarray(0, -9)), right],
		['a document for a layer', (layout: ImageLayout) => layout.put(oci.layer, {}), () => [digestOf('{}')]],
	] as const)
		await isRefused(
			t,
			what,
			arrange((_, {tar}) => ({config: {rootfs: {type: 'layers', diff_ids: diffIds(tar)}}}), make),
			damage,
		);
});

test.serial('L11: digests and sizes of descriptors that no blob can have', async (t) => {
	for (const [what, wrong] of [
		['..', {digest: `sha256:../../../../../../../../..${victim.file}`}],
		['/..', {digest: `sha256:${'0'.repeat(60)}/../`}],
		['an absolute path', {digest: victim.file}],
		['upper case', {digest: digestOf(other).toUpperCase().replace('SHA256', 'sha256')}],
		['another algorithm', {digest: `md5:${'0'.repeat(32)}`}],
		['a list', {digest: ['sha256']}],
		['size below 0', {size: -1}],
		['size of no number', {size: '1'}],
		['size beyond numbers', {size: 1e300}],
		['size with a fraction', {size: 0.5}],
	] as const) {
		await isRefused(
			t,
			`layer, ${what}`,
			arrange((_, {layer}) => ({manifest: {layers: [{...layer, ...wrong}]}})),
			damage,
		);
		// The same function reads all descriptors; what is dangerous is tried everywhere.
		if (!what.includes('..')) continue;
		await isRefused(
			t,
			`config, ${what}`,
			arrange((_, {config}) => ({manifest: {config: {...config, ...wrong}}})),
			damage,
		);
		await isRefused(
			t,
			`index, ${what}`,
			arrange((_, {config}) => ({index: [{...config, mediaType: oci.manifest, ...wrong}]})),
			damage,
		);
	}
	await isRefused(
		t,
		'a document of many gigabytes',
		arrange((_, {config}) => ({manifest: {config: {...config, size: 2 ** 40}}})),
		damage,
	);
});

test.serial('L11: documents of two kinds, and of another kind than their descriptor says', async (t) => {
	const both = (layout: ImageLayout, {config, layer}: Parts, mediaType: string, says?: string): {index: readonly object[]} => {
		const inner = layout.put(oci.manifest, {schemaVersion: 2, config, layers: [layer]});
		const document = {
			schemaVersion: 2,
			...(says === undefined ? {} : {mediaType: says}),
			config,
			layers: [layer],
			manifests: [{...inner, platform: native}],
		};
		return {index: [layout.put(mediaType, document)]};
	};
	for (const mediaType of [oci.manifest, oci.index, families.docker.manifest, families.docker.index]) {
		await isRefused(
			t,
			`both, ${mediaType}`,
			arrange((layout, parts) => both(layout, parts, mediaType)),
			damage,
		);
		await isRefused(
			t,
			`both, says ${mediaType}`,
			arrange((layout, parts) => both(layout, parts, mediaType, mediaType)),
			damage,
		);
	}
	for (const [actual, said] of [
		[oci.index, oci.manifest],
		[oci.manifest, oci.index],
		[families.docker.manifest, oci.manifest],
	] as const) {
		const layout = arrange((made, {config, layer}) => {
			const document = actual === oci.index ? {manifests: []} : {config, layers: [layer]};
			return {index: [made.put(said, {schemaVersion: 2, mediaType: actual, ...document})]};
		});
		await isRefused(t, `${actual} as ${said}`, layout, damage);
	}
	await isRefused(
		t,
		'a layer as a manifest',
		arrange((_, {layer}) => ({index: [{...layer, mediaType: oci.manifest}]})),
		damage,
	);
	await isRefused(t, 'an index in itself', selfIndex(20), damage);
});

/** Indexes nested so deep; one cannot hold its own digest. */
function selfIndex(depth: number): ImageLayout {
	return arrange((layout, {config, layer}) => {
		let index: Described = layout.put(oci.manifest, {schemaVersion: 2, config, layers: [layer]});
		for (let at = 0; at < depth; at++) index = layout.index([index, index]);
		return {index: [index]};
	});
}

test.serial('L9: documents that are deep, large or many', async (t) => {
	const deep = Buffer.from(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`);
	const large = Buffer.from(`{"a":"${'x'.repeat(10 << 20)}"}`);
	for (const [what, bytes] of [
		['deep', deep],
		['10 MB', large],
		['10 MB of nesting', Buffer.alloc(10 << 20, '[')],
	] as const) {
		await isRefused(
			t,
			`${what} manifest`,
			arrange((layout) => ({index: [layout.put(oci.manifest, bytes)]})),
			damage,
		);
		await isRefused(
			t,
			`${what} config`,
			arrange((layout) => ({manifest: {config: layout.put(oci.config, bytes)}})),
			damage,
		);
		const layout = arrange(() => ({}));
		writeFileSync(`${layout.directory}/index.json`, bytes);
		await isRefused(t, `${what} index.json`, layout, damage);
	}
	const wide = arrange((layout, {config, layer}) => {
		const inner = layout.put(oci.manifest, {schemaVersion: 2, config, layers: [layer]});
		return {
			index: Array.from({length: 300}, (_, at) =>
				layout.put(oci.index, {schemaVersion: 2, manifests: [inner], annotations: {at: String(at)}}),
			),
		};
	});
	// Nothing says which of them is meant.
	await isRefused(t, 'many indexes', wide, /error\[base\/(?:ambiguous|malformed)\]/v);
});

test.serial('L9: an index.json of 100 GB without blocks is neither read nor waited for', async (t) => {
	const layout = arrange(() => ({}));
	truncateSync(`${layout.directory}/index.json`, 100 * 2 ** 30);
	let memory: ReturnType<typeof watchMemory> | undefined;
	const ended = await place.boxbuild(['import', '-t', 'evil', `oci:${layout.directory}`], {
		longest: 60_000,
		started: (child) => (memory = watchMemory(child.pid ?? 0)),
	});
	t.is(ended.code, 2, ended.stderr);
	t.true((memory?.stop().bytes ?? 0) < 300e6);
});

test.serial('L9: archives with more members than any image has', async (t) => {
	const archive = place.fresh('many.tar');
	const script = `import tarfile
archive = tarfile.open(${JSON.stringify(archive)}, 'w')
for number in range(100001): archive.addfile(tarfile.TarInfo(str(number)))
archive.close()`;
	execFileSync('python3', ['-c', script]);
	for (const transport of ['oci-archive', 'docker-archive']) {
		const before = storeListing(place.store);
		const {code, stderr} = await place.boxbuild(['import', '-t', 'evil', `${transport}:${archive}`]);
		t.is(code, 4, stderr);
		t.regex(stderr, /more than 100000 entries/v);
		t.deepEqual(storeListing(place.store), before);
	}
});

test.serial('L11: files of a layout that are pipes, links to devices or directories do not stall', async (t) => {
	for (const path of ['index.json', 'oci-layout', 'layer', 'config'] as const) {
		for (const kind of ['pipe', 'zero', 'directory'] as const) {
			let file = '';
			const layout = arrange((made, {layer, config}) => {
				const {digest} = path === 'layer' ? layer : config;
				file = `${made.directory}/${path === 'layer' || path === 'config' ? `blobs/${digest.replace(':', '/')}` : path}`;
				return {};
			});
			rmSync(file, {recursive: true});
			if (kind === 'pipe') execFileSync('mkfifo', [file]);
			else if (kind === 'zero') symlinkSync('/dev/zero', file);
			else mkdirSync(file);
			const before = storeListing(place.store);
			const {code, stderr, signal} = await place.boxbuild(['import', '-t', 'evil', `oci:${layout.directory}`], {longest: 60_000});
			t.is(signal, null, `${path} ${kind}`);
			t.true(code === 2 || code === 4, `${path} ${kind}: ${code} ${stderr}`);
			t.deepEqual(storeListing(place.store), before);
		}
	}
});

test.serial('L11: members of an archive that are links lead nowhere but to other members', async (t) => {
	const tar = makeTar([member('file', 'f', 'content')]);
	const config = JSON.stringify({...native, rootfs: {type: 'layers', diff_ids: [digestOf(tar)]}});
	const saved = (Config: string, layer: string): string => JSON.stringify([{Config, RepoTags: ['x:1'], Layers: [layer]}]);
	for (const [what, members] of [
		[
			'a link to the outside',
			[
				member('symlink', 'l.tar', victim.file),
				member('file', 'c.json', config),
				member('file', 'manifest.json', saved('c.json', 'l.tar')),
			],
		],
		[
			'a link that climbs',
			[
				member('symlink', 'l.tar', `../../../../../..${victim.file}`),
				member('file', 'c.json', config),
				member('file', 'manifest.json', saved('c.json', 'l.tar')),
			],
		],
		[
			'a hard link to the outside',
			[
				member('hardlink', 'c.json', victim.file),
				member('file', 'l.tar', tar.toString('latin1')),
				member('file', 'manifest.json', saved('c.json', 'l.tar')),
			],
		],
		['names that climb', [member('file', 'manifest.json', saved(`../../../..${victim.file}`, victim.file))]],
		[
			'links in a ring',
			[
				member('symlink', 'a.tar', 'b.tar'),
				member('symlink', 'b.tar', 'a.tar'),
				member('file', 'c.json', config),
				member('file', 'manifest.json', saved('c.json', 'a.tar')),
			],
		],
	] as const) {
		const archive = place.fresh('links.tar');
		writeFileSync(archive, makeTar(members));
		const before = storeListing(place.store);
		const {code, stderr} = await place.boxbuild(['import', '-t', 'evil', `docker-archive:${archive}`]);
		t.is(code, 4, `${what}: ${stderr}`);
		t.deepEqual(storeListing(place.store), before, what);
		victim.isUntouched(t, what, stderr);
	}
	t.true(statSync(victim.file).isFile());
});

test.serial('L11: after all that the store has what it had', async (t) => {
	t.is((await place.boxbuild(['cat', 'good', 'good'])).stdout, 'good');
});

test.serial('S2: an archive that a received Boxfile names does not lead out by a colon in its name', async (t) => {
	const layout = arrange(() => ({}));
	const outside = place.fresh('outside.tar');
	execFileSync('tar', ['-C', layout.directory, '-cf', outside, '.']);
	for (const base of ['link.tar:latest', `../../../../../../../..${outside}:x`, `${outside}:x`, 'sub/../link.tar:a:b']) {
		const context = place.context({Boxfile: `FROM oci-archive:${base}\n`, 'sub/x': ''});
		symlinkSync(outside, `${context}/link.tar`);
		const input = execFileSync('tar', ['-C', context, '-cf', '-', '.']);
		const {code, stderr} = await place.build('-', [], {input});
		t.is(code, 2, stderr);
		t.regex(stderr, /error\[base\/outside-context\]/v, base);
	}
});
