import test from 'ava';
import {execFileSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, readFileSync, rmSync} from 'node:fs';
import {openStore} from '../../src/store/open-store.ts';
import type {Descriptor} from '../../src/oci/descriptor.ts';
import {type Described, families, ImageLayout} from '../support/image-layout.ts';
import {digestOf} from '../support/hostile-image.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {gzipSync} from 'node:zlib';
import {type Ended, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const layout = new ImageLayout(`${place.directory}/layout`);
const tar = makeTar([member('file', 'f', 'content')]);
const other = makeTar([member('file', 'g', 'more')]);
const unknown = {os: 'unknown', architecture: 'unknown'};
const created = '2024-05-06T07:08:09.123Z';
const made = layout.image({
	layers: [{tar, blob: gzipSync(tar), suffix: '+gzip'}, {tar: other}],
	config: {created, history: [{created, created_by: 'first'}, {created_by: 'x'.repeat(300)}], 'x-unknown': 1},
});
const arm = layout.image({
	layers: [{tar}],
	platform: {os: 'linux', architecture: 'arm64', variant: 'v8'},
	config: {created: '2025-01-01T00:00:00Z'},
});
const attestation = {...layout.put(families.oci.manifest, {schemaVersion: 2, config: made, layers: []}), platform: unknown};
const absent: Described = {
	mediaType: families.oci.manifest,
	digest: digestOf('absent'),
	size: 6,
	platform: {os: 'linux', architecture: 's390x'},
};
const inner = layout.index([arm, absent], families.docker);
const index = layout.index([made, attestation, inner]);

const say = async (...args: readonly string[]): Promise<string> => {
	const {code, stdout, stderr} = await place.boxbuild(args);
	if (code !== 0) throw new Error(stderr);
	return stdout;
};
const refused = async (
	t: {is(a: unknown, b: unknown, text?: string): void; true(a: boolean, text?: string): void},
	code: string,
	...args: readonly string[]
): Promise<Ended> => {
	const ended = await place.boxbuild(args);
	t.is(ended.code, 2, ended.stderr);
	t.true(ended.stderr.includes(`error[${code}]`), ended.stderr);
	return ended;
};

test.before(async () => {
	layout.finish(made);
	await say('import', '-t', 'app:1', `oci:${layout.directory}`);
	// What a multi-platform build or a registry leaves: an index whose documents and blobs are there, but for one image.
	cpSync(`${layout.directory}/blobs`, `${place.store}/blobs`, {recursive: true});
	await openStore(place.store).images.tag('docker.io/library/multi:latest', index as unknown as Descriptor);
});

test.serial('images shows platforms, times and sizes, and an index with what it lists', async (t) => {
	const table = await say('images');
	t.deepEqual(
		table
			.trim()
			.split('\n')
			.map((line) => line.split(/ {2,}/v)),
		[
			['NAME', 'DIGEST', 'PLATFORM', 'LAYERS', 'CREATED', 'SIZE'],
			['docker.io/library/app:1', made.digest.slice(0, 19), 'linux/amd64', '2', '2024-05-06 07:08:09', '4.1 kB'],
			[
				'docker.io/library/multi:latest',
				index.digest.slice(0, 19),
				'linux/amd64, linux/arm64/v8, linux/s390x',
				'2',
				'2025-01-01 00:00:00',
				'4.1 kB',
			],
		],
	);
	t.true((await say('images', '--digests')).includes(index.digest));
	t.is(await say('images', '-q'), `${made.digest}\n${index.digest}\n`);
	const rows = JSON.parse(await say('images', '--json')) as {images?: object[]}[];
	t.like(rows[0], {name: 'docker.io/library/app:1', digest: made.digest, size: 4096, created});
	t.deepEqual(rows[1]?.images?.at(-1), {digest: absent.digest, platform: 'linux/s390x', missing: true});
});

test.serial('images of a name: all its tags, or the one given; a mistyped one is suggested', async (t) => {
	await say('tag', 'app:1', 'app:2', 'example.com/app:1');
	t.is((await say('images', 'app')).split('\n').length, 4);
	t.is(await say('images', '-q', 'app:2'), `${made.digest}\n`);
	t.is(await say('images', '-q', 'example.com/app'), `${made.digest}\n`);
	t.regex((await refused(t, 'cli/no-image', 'images', 'appp')).stderr, /did you mean `docker\.io\/library\/app`\?/v);
	await refused(t, 'cli/no-image', 'images', 'app:3');
	await refused(t, 'base/malformed-reference', 'images', 'APP:');
	await say('rm', 'app:2', 'example.com/app:1');
});

test.serial('an image is found by name, digest, part of a digest, and name with digest', async (t) => {
	const hex = made.digest.slice('sha256:'.length);
	for (const name of [
		'app:1',
		'docker.io/library/app:1',
		made.digest,
		hex,
		hex.slice(0, 12),
		`sha256:${hex.slice(0, 6)}`,
		`app@${made.digest}`,
		`app:1@${made.digest}`,
	])
		t.like(JSON.parse(await say('inspect', name)), {digest: made.digest, names: ['docker.io/library/app:1']}, name);
	t.like(JSON.parse(await say('inspect', arm.digest.slice(7, 20))), {digest: arm.digest, names: []});
	for (const name of ['app', 'app:2', `app:2@${made.digest}`, `app@${arm.digest}`, digestOf('x'), hex.slice(0, 5), `${hex.slice(0, 10)}zz`])
		await refused(t, 'cli/no-image', 'inspect', name);
	// Digests of layers and configurations are no images.
	await refused(t, 'cli/no-image', 'inspect', digestOf(other));
	t.regex((await refused(t, 'cli/no-image', 'inspect', 'ap:1')).stderr, /did you mean `docker\.io\/library\/app:1`\?/v);
});

test.serial('the beginning of several digests is refused', async (t) => {
	const store = openStore(place.store);
	const [one, two] = sameBeginning();
	for (const [name, document] of [
		['one', one],
		['two', two],
	] as const)
		await store.images.tag(`docker.io/library/same:${name}`, {mediaType: families.oci.manifest, ...store.blobs.putBytes(document)});
	const ended = await refused(t, 'cli/ambiguous-image', 'inspect', digestOf(one).slice(7, 13));
	t.true(ended.stderr.includes(digestOf(one)) && ended.stderr.includes(digestOf(two)));
	await say('rm', digestOf(one), digestOf(two));
});

/** Two documents whose digests begin with the same six digits: among some ten thousand there are such. */
function sameBeginning(): readonly [string, string] {
	const seen = new Map<string, string>();
	for (let number = 0; ; number++) {
		const document = JSON.stringify({number});
		const beginning = digestOf(document).slice(7, 13);
		const before = seen.get(beginning);
		if (before !== undefined) return [before, document];
		seen.set(beginning, document);
	}
}

test.serial('inspect shows what an index lists; --platform chooses, --raw gives the bytes', async (t) => {
	const document = JSON.parse(await say('inspect', 'multi')) as {manifests: {digest: string; present: boolean}[]};
	t.like(document, {digest: index.digest, mediaType: families.oci.index, names: ['docker.io/library/multi:latest']});
	t.deepEqual(
		document.manifests.map(({digest, present}) => [digest, present]),
		[
			[made.digest, true],
			[attestation.digest, true],
			[arm.digest, true],
			[absent.digest, false],
		],
	);
	t.like(JSON.parse(await say('inspect', 'multi', '--platform', 'arm64')), {digest: arm.digest, config: {architecture: 'arm64'}});
	t.like(JSON.parse(await say('inspect', 'multi', '--config')), {architecture: process.arch === 'arm64' ? 'arm64' : 'amd64'});
	t.is(digestOf(Buffer.from(await say('inspect', 'multi', '--raw'), 'latin1')), index.digest);
	t.is(digestOf(Buffer.from(await say('inspect', 'multi', '--raw', '--platform', 'linux/arm64'), 'latin1')), arm.digest);
	const missing = await refused(t, 'cli/no-platform', 'inspect', 'multi', '--platform', 'windows/amd64');
	t.regex(missing.stderr, /it has linux\/amd64, linux\/arm64\/v8, linux\/s390x/v);
	await refused(t, 'cli/no-platform', 'ls', 'app:1', '--platform', 'linux/arm64');
	await refused(t, 'cli/bad-value', 'ls', 'app:1', '--platform', 'linux/');
	await refused(t, 'cli/usage', 'inspect', 'app:1', '--raw', '--config');
	const gone = await place.boxbuild(['inspect', 'multi', '--platform', 'linux/s390x']);
	t.is(gone.code, 4, gone.stderr);
});

test.serial('ls, cat and history take the platform, and unpack what was never unpacked', async (t) => {
	for (const name of ['multi', arm.digest])
		t.is(await say('cat', name, '/f', ...(name === 'multi' ? ['--platform', 'linux/arm64'] : [])), 'content');
	t.is(await say('diff', 'app:1', 'multi', '--platform', 'linux/amd64'), '');
	t.regex(await say('history', 'multi', '--platform', 'linux/arm64'), /2\.0 kB/v);
});

test.serial('history is cut in a table and says when it does not fit the layers', async (t) => {
	const {stdout, stderr} = await place.boxbuild(['history', 'app:1']);
	t.is(stderr, '');
	t.regex(stdout, / 2\.0 kB {2}x{137}\.{3}\n/v);
	t.regex(await say('history', 'app:1', '--no-trunc'), /x{300}\n/v);
	const odd = new ImageLayout(place.fresh('odd'));
	for (const [what, history, sizes] of [
		['too short', [{created_by: 'one'}], [2048, 2048]],
		['too long', [{created_by: 'one'}, {created_by: 'two'}, {created_by: 'three'}], [null, 2048, 2048]],
		['empty', [], [2048, 2048]],
		['absent', undefined, [2048, 2048]],
		['only of empty layers', [{empty_layer: true}, {comment: 'c', empty_layer: true}], [2048, 2048, null, null]],
	] as const) {
		odd.finish(odd.image({layers: [{tar}, {tar: other}], config: {history}}));
		await say('import', '-t', 'odd', `oci:${odd.directory}`);
		const ended = await place.boxbuild(['history', 'odd', '--json']);
		t.is(ended.code, 0);
		t.deepEqual(
			(JSON.parse(ended.stdout) as {size: number}[]).map(({size}) => size),
			[...sizes],
			what,
		);
		t.is(ended.stderr.includes('cli/odd-history'), what !== 'absent', what);
	}
	await say('rm', 'odd');
});

test.serial('tag gives several names, or none when one of them is wrong', async (t) => {
	await refused(t, 'base/malformed-reference', 'tag', 'app:1', 'good', 'BAD');
	await refused(t, 'cli/digest-in-name', 'tag', 'app:1', 'good', `x@${made.digest}`);
	await refused(t, 'cli/no-image', 'tag', 'nothing', 'good');
	await refused(t, 'cli/no-image', 'inspect', 'good');
	t.is(await say('tag', 'multi', 'all', 'all'), 'docker.io/library/all:latest\n');
	t.is(await say('tag', 'multi', 'arm', '--platform', 'linux/arm64'), 'docker.io/library/arm:latest\n');
	t.is(await say('images', '-q', 'all'), `${index.digest}\n`);
	t.is(await say('images', '-q', 'arm'), `${arm.digest}\n`);
	t.is(await say('tag', 'app:1', 'arm'), 'docker.io/library/arm:latest\n');
	t.is(await say('images', '-q', 'arm'), `${made.digest}\n`);
	await say('rm', 'all', 'arm');
});

test.serial('rm takes names away: all or none, of a digest all its names, unknown ones with --force', async (t) => {
	await say('tag', 'app:1', 'a', 'b', 'c');
	await refused(t, 'cli/no-image', 'rm', 'a', 'nothing');
	t.is(await say('rm', '--force', 'a', 'nothing'), 'docker.io/library/a:latest\n');
	// One name of several: the others stay.
	t.is(await say('rm', 'b'), 'docker.io/library/b:latest\n');
	t.is(await say('rm', made.digest.slice(7, 19)), 'docker.io/library/app:1\ndocker.io/library/c:latest\n');
	t.regex((await refused(t, 'cli/untagged-image', 'rm', made.digest)).stderr, /boxbuild prune/v);
	t.is(await say('rm', '--force', made.digest), '');
	await say('tag', made.digest, 'app:1');
});

test.serial('a damaged image is listed as such and can be taken away', async (t) => {
	const store = openStore(place.store);
	const damaged = {mediaType: families.oci.manifest, ...store.blobs.putBytes('{"damaged":1}')};
	await store.images.tag('docker.io/library/damaged:latest', damaged);
	rmSync(store.blobs.path(damaged.digest));
	t.regex(await say('images'), /^docker\.io\/library\/damaged:latest +sha256:\w{12} +damaged /mv);
	const rows = JSON.parse(await say('images', '--json')) as {name: string; problem?: string}[];
	t.deepEqual(
		rows.filter(({problem}) => problem?.includes(damaged.digest)).map(({name}) => name),
		['docker.io/library/damaged:latest'],
	);
	t.is((await place.boxbuild(['ls', 'damaged'])).code, 4);
	t.is(await say('rm', 'damaged'), 'docker.io/library/damaged:latest\n');
});

test.serial('export writes what build would write, and an OCI image keeps its digest', async (t) => {
	const at = place.fresh('out');
	mkdirSync(at);
	const plain = layout.image({layers: [{tar, blob: gzipSync(tar), suffix: '+gzip'}], config: {'x-unknown': 1}});
	layout.finish({...plain, annotations: {'org.opencontainers.image.ref.name': 'v'}});
	await say('import', '-t', 'plain', `oci:${layout.directory}:v`);
	const printed = await say(
		'export',
		'plain',
		'-o',
		`type=oci,dest=${at}/oci,tar=false`,
		'-o',
		`type=docker,dest=${at}/docker.tar`,
		'-o',
		`${at}/local`,
	);
	t.is(printed, ['oci', 'docker.tar', 'local'].map((name) => `written to ${at}/${name}\n`).join(''));
	const {manifests} = JSON.parse(readFileSync(`${at}/oci/index.json`, 'utf8')) as {manifests: Described[]};
	t.is(manifests[0]?.digest, plain.digest);
	t.like(manifests[0]?.annotations, {
		'org.opencontainers.image.ref.name': 'latest',
		'io.containerd.image.name': 'docker.io/library/plain:latest',
	});
	t.true(
		readFileSync(`${at}/oci/blobs/${plain.digest.replace(':', '/')}`).equals(
			readFileSync(`${layout.directory}/blobs/${plain.digest.replace(':', '/')}`),
		),
	);
	t.is(readFileSync(`${at}/local/f`, 'utf8'), 'content');
	// The configuration is the image's own, members that this program does not know included.
	const [saved] = JSON.parse(execFileSync('tar', ['-xOf', `${at}/docker.tar`, 'manifest.json'], {encoding: 'utf8'})) as {
		Config: string;
		RepoTags: string[];
	}[];
	t.deepEqual(saved?.RepoTags, ['plain:latest']);
	t.regex(execFileSync('tar', ['-xOf', `${at}/docker.tar`, saved?.Config ?? ''], {encoding: 'utf8'}), /x-unknown/v);
	const {stdout, stderr} = await place.boxbuild(['export', 'plain', '-o', '-']);
	t.is(execFileSync('tar', ['-xO', 'f'], {input: Buffer.from(stdout, 'latin1'), encoding: 'utf8'}), 'content');
	t.is(stderr, 'written to -\n');
	await say('export', plain.digest, '-o', `type=oci,dest=${at}/nameless,tar=false`);
	t.notRegex(readFileSync(`${at}/nameless/index.json`, 'utf8'), /ref\.name/v);
	await say('export', 'multi', '--platform', 'linux/arm64', '-o', `type=oci,dest=${at}/arm.tar,compression=none`);
	t.true(existsSync(`${at}/arm.tar`));
});

test.serial('export refuses what build refuses', async (t) => {
	await refused(t, 'cli/usage', 'export', 'app:1');
	await refused(t, 'export/malformed-output', 'export', 'app:1', '-o', 'type=oci');
	await refused(t, 'cli/usage', 'export', 'app:1', '-o', '-', '-o', 'type=oci,dest=-');
	await refused(t, 'cli/no-image', 'export', 'nothing', '-o', '-');
	await refused(t, 'export/not-writable', 'export', 'app:1', '-o', 'type=oci,dest=/nonexistent/x.tar');
});
