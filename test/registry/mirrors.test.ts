import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {endpointsOf, isLoopback} from '../../src/registry/endpoints.ts';
import {parseRegistriesConf} from '../../src/registry/registries-conf.ts';
import {blobOf, clientFor, imageOf, noise, referenceOf} from '../support/registry-support.ts';
import {giving, scriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf, collect} from '../support/store-support.ts';

const blob = blobOf(noise(200_000));
const {manifest} = imageOf([blob], [blob.digest]);
const document = giving(manifest, {'content-type': mediaTypes.manifest});
const blobPath = (repository: string): string => `/v2/${repository}/blobs/${blob.digest}`;

test('a mirror is asked first, for pulls only', async (t) => {
	const mirror = await scriptedRegistry(t, {'/v2/hub/a/b/manifests/1': document, [blobPath('hub/a/b')]: giving(blob.bytes)});
	const registry = await scriptedRegistry(t, {[`HEAD ${blobPath('a/b')}`]: giving('')});
	const client = clientFor(t, {config: {[registry.host]: {mirrors: [`${mirror.host}/hub`]}}});
	const reference = referenceOf(`${registry.host}/a/b:1`);
	await client.document(reference);
	t.true((await collect(client.blob(reference, blob))).equals(blob.bytes));
	t.deepEqual(registry.asked, []);
	t.is(await client.pushBlob(reference, blob), 'there');
	t.deepEqual(registry.asked, [`HEAD ${blobPath('a/b')}`]);
	t.deepEqual(client.notes, []);
});

test('a mirror that has not, is dead or lies is passed over with a note', async (t) => {
	const registry = await scriptedRegistry(t, {'/v2/a/b/manifests/1': document, [blobPath('a/b')]: giving(blob.bytes)});
	const empty = await scriptedRegistry(t, {});
	const lying = await scriptedRegistry(t, {
		[`/v2/a/b/manifests/${sha256(manifest)}`]: giving(`${manifest} `, {'content-type': mediaTypes.manifest}),
		[blobPath('a/b')]: giving(noise(blob.size, 9)),
	});
	const client = clientFor(t, {config: {[registry.host]: {mirrors: ['127.0.0.1:1', empty.host, lying.host]}}});
	const reference = referenceOf(`${registry.host}/a/b:1`);
	const {descriptor} = await client.document(reference);
	t.is(descriptor.digest, sha256(manifest));
	t.is(client.notes.length, 3);
	t.true(client.notes.every(({code, severity}) => code === 'registry/mirror-failed' && severity === 'note'));
	// What cannot be reached is not tried again.
	t.is(await codeOf(() => collect(client.blob(reference, blob))), 'registry/wrong-digest');
	t.true((await collect(client.blob(reference, blob))).equals(blob.bytes));
	t.deepEqual(
		client.notes.slice(3).map(({data}) => String(data?.['mirror']).split('/')[0]),
		[empty.host, lying.host, empty.host],
	);
});

test('a mirror that breaks in the middle of a blob is followed by the registry, for the rest', async (t) => {
	const mirror = await scriptedRegistry(t, {
		[blobPath('a/b')]: (request, response) => {
			if (request.headers.range === undefined) response.write(blob.bytes.subarray(0, 100_000), () => response.destroy());
			else response.destroy();
		},
	});
	const ranges: (string | undefined)[] = [];
	const registry = await scriptedRegistry(t, {
		[blobPath('a/b')]: (request, response) => {
			ranges.push(request.headers.range);
			response.writeHead(206, {'content-range': `bytes 100000-199999/200000`}).end(blob.bytes.subarray(100_000));
		},
	});
	const client = clientFor(t, {config: {[registry.host]: {mirrors: [mirror.host]}}});
	t.true((await collect(client.blob(referenceOf(`${registry.host}/a/b`), blob))).equals(blob.bytes));
	t.deepEqual(ranges, ['bytes=100000-199999']);
});

test('the credentials of a registry are not shown to its mirror', async (t) => {
	const seen: (string | undefined)[] = [];
	const mirror = await scriptedRegistry(t, {
		'/v2/a/b/manifests/1': (request, response) => {
			seen.push(request.headers.authorization);
			response.writeHead(401, {'www-authenticate': 'Basic realm="x"'}).end();
		},
	});
	const registry = await scriptedRegistry(t, {'/v2/a/b/manifests/1': document});
	const auths = JSON.stringify({auths: {[registry.host]: {auth: Buffer.from('me:secret').toString('base64')}}});
	const client = clientFor(t, {config: {[registry.host]: {mirrors: [mirror.host]}}, files: {'.docker/config.json': auths}});
	await client.document(referenceOf(`${registry.host}/a/b:1`));
	t.deepEqual(seen, [undefined]);
});

test('registries.conf moves, mirrors and blocks; the own configuration counts more', async (t) => {
	const registry = await scriptedRegistry(t, {'/v2/real/b/manifests/1': document});
	const text = `
[[registry]]
prefix = "example.org/moved"
location = "${registry.host}/real"
[[registry]]
prefix = "*.blocked.example"
blocked = true
`;
	const client = clientFor(t, {files: {'registries.conf': text}});
	t.is((await client.document(referenceOf('example.org/moved/b:1'))).descriptor.digest, sha256(manifest));
	t.is(await codeOf(() => client.resolve(referenceOf('x.blocked.example:5000/b:1'))), 'registry/blocked');
	t.is(await codeOf(() => client.pushDocument(referenceOf('x.blocked.example/b:1'), Buffer.from('{}'), 'x')), 'registry/blocked');
	const wrong = clientFor(t, {files: {'registries.conf': '[[registry]]\nlocation = 3\n'}});
	t.is(await codeOf(() => wrong.resolve(referenceOf('example.org/b:1'))), 'registry/bad-config');
	const broken = clientFor(t, {files: {'registries.conf': '[[registry]]\nlocation = \n'}});
	t.is(await codeOf(() => broken.resolve(referenceOf('example.org/b:1'))), 'registry/bad-config');
});

test('the endpoints of names', async (t) => {
	const machine = await parseRegistriesConf(
		`
unqualified-search-registries = ["docker.io"]
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "mirror.example/hub"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tags.example"
pull-from-mirror = "tag-only"
insecure = true
[[registry]]
prefix = "docker.io/library"
location = "library.example"
mirror-by-digest-only = true
[[registry.mirror]]
location = "only.example"
[[registry]]
prefix = "*.wild.example"
location = "tame.example"
insecure = true
`,
		'registries.conf',
	);
	const names = (name: string, use: 'pull-tag' | 'pull-digest' | 'push', config = {}): readonly string[] =>
		endpointsOf(referenceOf(name), use, {config, machine}).endpoints.map(
			({host, repository, isMirror, insecure}) => `${host}/${repository}${isMirror ? ' mirror' : ''}${insecure ? ' insecure' : ''}`,
		);
	t.deepEqual(names('a/b', 'pull-tag'), ['tags.example/a/b mirror insecure', 'registry-1.docker.io/a/b']);
	t.deepEqual(names('a/b', 'pull-digest'), ['mirror.example/hub/a/b mirror', 'registry-1.docker.io/a/b']);
	t.deepEqual(names('a/b', 'push'), ['registry-1.docker.io/a/b']);
	t.deepEqual(names('debian', 'pull-tag'), ['library.example/debian']);
	t.deepEqual(names('debian', 'pull-digest'), ['only.example/debian mirror', 'library.example/debian']);
	t.deepEqual(names('librarian/x', 'push'), ['registry-1.docker.io/librarian/x']);
	t.deepEqual(names('x.wild.example:80/a', 'push'), ['tame.example/a insecure']);
	t.deepEqual(names('wild.example/a', 'push'), ['wild.example/a']);
	t.deepEqual(names('evilwild.example/a', 'push'), ['evilwild.example/a']);
	t.deepEqual(names('a/b', 'pull-digest', {'docker.io': {mirrors: ['own.example/x/'], insecure: true}}), [
		'own.example/x/a/b mirror',
		'registry-1.docker.io/a/b insecure',
	]);
});

test('what is this machine itself', (t) => {
	for (const host of ['localhost', 'localhost:5000', '127.0.0.1', '127.255.0.1:80', '[::1]:5000', '[::1]']) t.true(isLoopback(host), host);
	for (const host of [
		'localhost.example',
		'xlocalhost',
		'127.0.0.1.example',
		'127.0.0.256',
		'128.0.0.1',
		'[::2]',
		'[::ffff:7f00:1]',
		'127.1',
	])
		t.false(isLoopback(host), host);
});
