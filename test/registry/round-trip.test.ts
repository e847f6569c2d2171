import {readFileSync, writeFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import test, {type ExecutionContext} from 'ava';
import {hexOf, sha256} from '../../src/core/digest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {parseManifest} from '../../src/oci/manifest.ts';
import {authFileFor, blobOf, clientFor, imageOf, noise, referenceOf, type TestBlob, type TestClient} from '../support/registry-support.ts';
import {dockerRegistry, registryUser, startRegistry} from '../support/registry-server.ts';
import {debianProgram} from '../support/requirements.ts';
import {selfSigned} from '../support/self-signed.ts';
import {codeOf, collect, scratch} from '../support/store-support.ts';
import {when} from '../support/when.ts';
import {printedBy} from '../support/workplace.ts';

const skopeo = debianProgram('skopeo');
const contents = [noise(3_000_000), noise(1000, 7)];
const layers = contents.map((content) => blobOf(gzipSync(content), mediaTypes.layerGzip));
const image = imageOf(layers, contents.map(sha256));

async function pushAll(client: TestClient, name: string): Promise<readonly string[]> {
	const reference = referenceOf(name);
	const done: string[] = [];
	for (const blob of [...layers, image.config]) done.push(await client.pushBlob(reference, blob));
	assertPushed(await client.pushDocument(reference, image.manifest, mediaTypes.manifest));
	return done;
}

function assertPushed(digest: string): void {
	if (digest !== sha256(image.manifest)) throw new Error(`pushed as ${digest}`);
}

async function pulledWhole(t: ExecutionContext, client: TestClient, name: string): Promise<void> {
	const reference = referenceOf(name);
	const descriptor = await client.resolve(reference);
	t.is(descriptor.digest, sha256(image.manifest));
	const {bytes} = await client.document(reference, descriptor);
	const {value} = parseManifest(bytes, descriptor.mediaType);
	for (const [at, layer] of (value?.layers ?? []).entries()) {
		t.true(sha256(await collect(client.blob(reference, layer))) === layers[at]?.digest);
		t.true(await client.hasBlob(reference, layer));
	}
}

when(dockerRegistry, 'what is pushed comes back, and is not sent again', async (t) => {
	const {host} = await startRegistry(t, scratch(t));
	const client = clientFor(t);
	t.deepEqual(await pushAll(client, `${host}/team/tool:1`), ['sent', 'sent', 'sent']);
	t.deepEqual(await pushAll(client, `${host}/team/tool:2`), ['there', 'there', 'there']);
	await pulledWhole(t, client, `${host}/team/tool:1`);
	await pulledWhole(t, client, `${host}/team/tool@${sha256(image.manifest)}`);
	t.deepEqual([...(await client.tags(referenceOf(`${host}/team/tool`)))].sort(), ['1', '2']);
	t.deepEqual([...(await client.referrers(referenceOf(`${host}/team/tool`), sha256(image.manifest)))], []);
	t.deepEqual(client.pauses, []);
});

when(dockerRegistry, 'names and blobs that a registry does not have', async (t) => {
	const {host} = await startRegistry(t, scratch(t));
	const client = clientFor(t);
	const [layer] = layers as [TestBlob];
	t.is(await codeOf(() => client.resolve(referenceOf(`${host}/team/none:1`))), 'registry/not-found');
	t.is(await codeOf(() => client.document(referenceOf(`${host}/team/none:1`))), 'registry/not-found');
	t.is(await codeOf(() => collect(client.blob(referenceOf(`${host}/team/none`), layer))), 'registry/not-found');
	t.false(await client.hasBlob(referenceOf(`${host}/team/none`), layer));
	t.is(await codeOf(() => client.tags(referenceOf(`${host}/team/none`))), 'registry/not-found');
});

when(dockerRegistry, 'another repository of the registry lends its blobs', async (t) => {
	const {host} = await startRegistry(t, scratch(t), {isProtected: true});
	const client = clientFor(t, {files: {'.docker/config.json': authFileFor({[host]: `${registryUser.name}:${registryUser.password}`})}});
	const [layer] = layers as [TestBlob];
	t.is(await client.pushBlob(referenceOf(`${host}/a/one`), layer), 'sent');
	t.is(await client.pushBlob(referenceOf(`${host}/a/two`), layer, {mountFrom: ['a/none', 'a/one']}), 'mounted');
	t.is(await client.pushBlob(referenceOf(`${host}/a/two`), layer, {mountFrom: ['a/one']}), 'there');
	t.is(sha256(await collect(client.blob(referenceOf(`${host}/a/two`), layer))), layer.digest);
	// Nobody has it: the upload that the registry then offers is used.
	t.is(await client.pushBlob(referenceOf(`${host}/a/two`), layers[1] as TestBlob, {mountFrom: ['a/one']}), 'sent');
});

when(dockerRegistry, 'a registry that wants a password gets the one for its host only', async (t) => {
	const {host} = await startRegistry(t, scratch(t), {isProtected: true});
	const name = `${host}/team/tool:1`;
	const right = `${registryUser.name}:${registryUser.password}`;
	await pushAll(clientFor(t, {files: {'.config/containers/auth.json': authFileFor({[host]: right})}}), name);
	for (const keys of [
		{},
		{'127.0.0.1': right},
		{[`${host}0`]: right},
		{[`x.${host}`]: right},
		{[`${host}/other`]: right},
		{[host]: 'someone:wrong'},
	]) {
		const client = clientFor(t, {files: {'.docker/config.json': authFileFor(keys)}});
		t.is(await codeOf(() => client.resolve(referenceOf(name))), 'registry/unauthorized', JSON.stringify(Object.keys(keys)));
	}
	await pulledWhole(t, clientFor(t, {files: {'.docker/config.json': authFileFor({[`${host}/team`]: right, [host]: 'a:b'})}}), name);
});

when(dockerRegistry, 'https with an authority that the configuration or certs.d names', async (t) => {
	const certificate = selfSigned('localhost');
	const {host} = await startRegistry(t, scratch(t), {certificate});
	const name = `${host}/team/tool:1`;
	const ca = `${scratch(t)}/ca.crt`;
	writeFileSync(ca, certificate.cert);
	await pushAll(clientFor(t, {config: {[host]: {ca}}}), name);
	await pulledWhole(t, clientFor(t, {files: {[`.docker/certs.d/${host}/ca.crt`]: certificate.cert}}), name);
	await pulledWhole(t, clientFor(t, {config: {[host]: {insecure: true}}}), name);
	t.is(await codeOf(() => clientFor(t).resolve(referenceOf(name))), 'registry/tls');
	const other = `${scratch(t)}/other.crt`;
	writeFileSync(other, selfSigned('localhost').cert);
	t.is(await codeOf(() => clientFor(t, {config: {[host]: {ca: other}}}).resolve(referenceOf(name))), 'registry/tls');
});

when([dockerRegistry, skopeo], 'skopeo reads what was pushed, and what skopeo pushed is read', async (t) => {
	const {host} = await startRegistry(t, scratch(t));
	const client = clientFor(t);
	await pushAll(client, `${host}/team/tool:1`);
	const copied = `${scratch(t)}/oci`;
	await printedBy([
		'skopeo',
		'copy',
		'-q',
		'--insecure-policy',
		'--src-tls-verify=false',
		`docker://${host}/team/tool:1`,
		`oci:${copied}:1`,
	]);
	for (const {digest} of layers) t.is(sha256(readFileSync(`${copied}/blobs/sha256/${hexOf(digest)}`)), digest);
	await printedBy([
		'skopeo',
		'copy',
		'-q',
		'--insecure-policy',
		'--dest-tls-verify=false',
		`oci:${copied}:1`,
		`docker://${host}/by/skopeo:x`,
	]);
	await pulledWhole(t, client, `${host}/by/skopeo:x`);
	const schema2 = `docker://${host}/by/skopeo:docker`;
	await printedBy(['skopeo', 'copy', '-q', '--insecure-policy', '--format=v2s2', '--dest-tls-verify=false', `oci:${copied}:1`, schema2]);
	const {bytes, descriptor} = await client.document(referenceOf(`${host}/by/skopeo:docker`));
	t.is(descriptor.mediaType, mediaTypes.dockerManifest);
	t.is(parseManifest(bytes, descriptor.mediaType).value?.layers.length, 2);
});

when(dockerRegistry, 'referrers are found by a tag where the registry has no list of them', async (t) => {
	const {host} = await startRegistry(t, scratch(t));
	const client = clientFor(t);
	const reference = referenceOf(`${host}/team/tool:1`);
	await pushAll(client, `${host}/team/tool:1`);
	const subject = sha256(image.manifest);
	const empty = blobOf(Buffer.from('{}'), 'application/vnd.oci.empty.v1+json');
	await client.pushBlob(reference, empty);
	const about = (artifactType: string): Buffer =>
		Buffer.from(
			JSON.stringify({
				schemaVersion: 2,
				mediaType: mediaTypes.manifest,
				artifactType,
				config: {mediaType: empty.mediaType, digest: empty.digest, size: 2},
				layers: [{mediaType: empty.mediaType, digest: empty.digest, size: 2}],
				subject: {mediaType: mediaTypes.manifest, digest: subject, size: image.manifest.length},
				annotations: {of: artifactType},
			}),
		);
	for (const type of ['application/a', 'application/b', 'application/a'])
		t.is(await client.pushReferrer(reference, subject, about(type), mediaTypes.manifest), sha256(about(type)));
	t.deepEqual(
		(await client.referrers(reference, subject)).map(({artifactType, annotations}) => [artifactType, annotations?.['of']]),
		[
			['application/a', 'application/a'],
			['application/b', 'application/b'],
		],
	);
	t.deepEqual(
		(await client.referrers(reference, subject, 'application/b')).map(({digest}) => digest),
		[sha256(about('application/b'))],
	);
});

when([dockerRegistry, skopeo], 'a login of skopeo is good for this client', async (t) => {
	const {host} = await startRegistry(t, scratch(t), {isProtected: true});
	const file = `${scratch(t)}/auth.json`;
	const {name, password} = registryUser;
	await printedBy(['skopeo', 'login', '--tls-verify=false', '--authfile', file, '-u', name, '-p', password, host]);
	await pushAll(clientFor(t, {env: {REGISTRY_AUTH_FILE: file}}), `${host}/team/tool:1`);
	await pulledWhole(t, clientFor(t, {env: {REGISTRY_AUTH_FILE: file}}), `${host}/team/tool:1`);
});

when(dockerRegistry, 'many blobs go both ways at the same time', async (t) => {
	const {host} = await startRegistry(t, scratch(t), {isProtected: true});
	const client = clientFor(t, {files: {'.docker/config.json': authFileFor({[host]: `${registryUser.name}:${registryUser.password}`})}});
	const reference = referenceOf(`${host}/team/many`);
	const blobs = Array.from({length: 24}, (_, at) => blobOf(noise(at % 3 === 0 ? 2_000_000 : 10_000, at + 1)));
	t.deepEqual(new Set(await Promise.all(blobs.map((blob) => client.pushBlob(reference, blob)))), new Set(['sent']));
	const digests = await Promise.all(blobs.map(async (blob) => sha256(await collect(client.blob(reference, blob)))));
	t.deepEqual(
		digests,
		blobs.map(({digest}) => digest),
	);
	t.deepEqual(client.pauses, []);
});

test('a registry that is not there is no hang', async (t) => {
	const client = clientFor(t);
	t.is(await codeOf(() => client.resolve(referenceOf('127.0.0.1:1/team/tool:1'))), 'registry/unreachable');
	t.deepEqual(client.pauses, [250, 500]);
});
