import {readdirSync, writeFileSync} from 'node:fs';
import type {IncomingMessage} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {openStore} from '../../src/store/open-store.ts';
import {authFileFor, blobOf, clientFor, imageOf, noise, referenceOf, type TestClient} from '../support/registry-support.ts';
import {giving, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {selfSigned} from '../support/self-signed.ts';
import {codeOf, collect, scratch} from '../support/store-support.ts';

const blob = blobOf(noise(1000));
const path = `/v2/a/b/blobs/${blob.digest}`;
const secret = 'me:topsecret';
const basic = `Basic ${Buffer.from(secret).toString('base64')}`;
const wantsBasic = {'www-authenticate': 'Basic realm="x"'};

const get = (client: TestClient, {host}: Pick<ScriptedRegistry, 'host'>): Promise<string | undefined> =>
	codeOf(() => collect(client.blob(referenceOf(`${host}/a/b`), blob)));

/** A client that has credentials for one host. */
const known = (t: ExecutionContext, host: string, ca?: string): TestClient =>
	clientFor(t, {
		files: {'.docker/config.json': authFileFor({[host]: secret}), ...(ca === undefined ? {} : {[`.docker/certs.d/${host}/ca.crt`]: ca})},
	});

/** A server that wants to be shown something, and what it was shown. */
async function listener(t: ExecutionContext): Promise<ScriptedRegistry & {readonly shown: (string | undefined)[]}> {
	const shown: (string | undefined)[] = [];
	const handler = ({headers}: IncomingMessage): void => void shown.push(headers.authorization);
	const registry = await scriptedRegistry(t, {
		[path]: (request, response) => {
			handler(request);
			response.writeHead(401, wantsBasic).end();
		},
		'/token': (request, response) => {
			handler(request);
			response.end('{"token":"x"}');
		},
	});
	return {...registry, shown};
}

test('S11: credentials of a registry are for exactly its host and port', async (t) => {
	const evil = await listener(t);
	const [, port = ''] = evil.host.split(':');
	for (const key of [
		'127.0.0.1',
		`127.0.0.1:${port}0`,
		`localhost:${port}`,
		`1${evil.host}`,
		`${evil.host}.example`,
		`https://${evil.host}.example/v1/`,
		'docker.io',
	])
		t.is(await get(known(t, key), evil), 'registry/unauthorized', key);
	t.true(evil.shown.every((value) => value === undefined));
	t.is(await get(known(t, evil.host), evil), 'registry/unauthorized');
	t.deepEqual(evil.shown.slice(-1), [basic]);
});

test('S11: a redirect takes no credentials to another host, whatever that one asks for', async (t) => {
	const evil = await listener(t);
	const registry = await scriptedRegistry(t, {
		[path]: (request, response) =>
			void (request.headers.authorization === basic
				? response.writeHead(307, {location: `http://${secret}@${evil.host}${path}`}).end()
				: response.writeHead(401, wantsBasic).end()),
	});
	t.is(await get(known(t, registry.host), registry), 'registry/refused');
	t.is(await get(known(t, evil.host), registry), 'registry/unauthorized');
	t.deepEqual(evil.shown, [undefined]);
});

test('S11: a token server that is named after a redirect, or without encryption by a registry with it, gets nothing', async (t) => {
	const evil = await listener(t);
	const challenge = {'www-authenticate': `Bearer realm="${evil.url}/token",service="x"`};
	const elsewhere = await scriptedRegistry(t, {[path]: (_, response) => void response.writeHead(401, challenge).end()});
	const redirecting = await scriptedRegistry(t, {
		[path]: (_, response) => void response.writeHead(302, {location: `${elsewhere.url}${path}`}).end(),
	});
	t.is(await get(known(t, redirecting.host), redirecting), 'registry/refused');
	const certificate = selfSigned('localhost');
	const secure = await scriptedRegistry(t, {[path]: (_, response) => void response.writeHead(401, challenge).end()}, certificate);
	t.is(await get(known(t, secure.host, certificate.cert), secure), 'registry/unsupported-answer');
	t.deepEqual(evil.shown, []);
});

test('S11: a token server that redirects takes no credentials along', async (t) => {
	const evil = await listener(t);
	const tokens = await scriptedRegistry(t, {
		'/token': (_, response) => void response.writeHead(307, {location: `${evil.url}/token`}).end(),
	});
	const registry = await scriptedRegistry(t, {
		[path]: (_, response) => void response.writeHead(401, {'www-authenticate': `Bearer realm="${tokens.url}/token"`}).end(),
	});
	t.is(await get(known(t, registry.host), registry), 'registry/unauthorized');
	t.deepEqual(evil.shown, [undefined]);
	t.is(tokens.requests[0]?.headers.authorization, basic);
});

test('L11: a registry whose blobs or documents are others than their names leaves nothing in the store', async (t) => {
	const directory = `${scratch(t)}/store`;
	const store = openStore(directory);
	const before = readdirSync(`${directory}/blobs/sha256`);
	const changed = Buffer.from(blob.bytes);
	changed[500] = (changed[500] ?? 0) ^ 1;
	for (const bytes of [changed, blob.bytes.subarray(1), Buffer.concat([blob.bytes, blob.bytes]), Buffer.alloc(0)]) {
		for (const isAnnounced of [true, false]) {
			const registry = await scriptedRegistry(t, {
				[path]: isAnnounced ? giving(bytes) : (_, response) => void response.write(bytes, () => response.end()),
			});
			const client = clientFor(t);
			const code = await codeOf(() => store.blobs.write(client.blob(referenceOf(`${registry.host}/a/b`), blob), blob));
			t.regex(code ?? '', /^(?:store\/blob-damaged|registry\/(?:wrong-digest|unreachable))$/v);
		}
	}
	const {manifest} = imageOf([blob], [blob.digest]);
	const both = Buffer.from(manifest.toString().replace('{', '{"manifests":[],'));
	const registry = await scriptedRegistry(t, {
		'/v2/a/b/manifests/1': giving(manifest, {'content-type': mediaTypes.index}),
		[`/v2/a/b/manifests/${sha256(manifest)}`]: giving(both, {
			'content-type': mediaTypes.manifest,
			'docker-content-digest': sha256(manifest),
		}),
		'/v2/a/b/manifests/2': giving(manifest, {
			'content-type': mediaTypes.manifest,
			'docker-content-digest': `sha256:../../${'a'.repeat(58)}`,
		}),
	});
	const document = (rest: string): Promise<string | undefined> =>
		codeOf(() => clientFor(t).document(referenceOf(`${registry.host}/a/b${rest}`)));
	t.is(await document(':1'), 'registry/unsupported-answer');
	t.is(await document(`@${sha256(manifest)}`), 'registry/wrong-digest');
	// A digest that is none is not used for anything.
	t.is(await document(':2'), undefined);
	t.deepEqual(readdirSync(`${directory}/blobs/sha256`), before);
});

for (const [what, location] of [
	['to itself', path],
	['to a file', 'file:///etc/passwd'],
	['to another protocol', 'ftp://127.0.0.1/x'],
	['to no URL', 'http://[/'],
] as const) {
	test(`X9: a registry that redirects ${what}`, async (t) => {
		const registry = await scriptedRegistry(t, {[path]: (_, response) => void response.writeHead(302, {location}).end()});
		t.is(await get(clientFor(t), registry), 'registry/unsupported-answer');
		t.true(registry.asked.length <= 11);
	});
}

test('X9: a registry that redirects from https to http', async (t) => {
	const plain = await scriptedRegistry(t, {[path]: giving(blob.bytes)});
	const certificate = selfSigned('localhost');
	const registry = await scriptedRegistry(
		t,
		{[path]: (_, response) => void response.writeHead(302, {location: `${plain.url}${path}`}).end()},
		certificate,
	);
	t.is(await get(known(t, registry.host, certificate.cert), registry), 'registry/unsupported-answer');
	t.deepEqual(plain.asked, []);
});

test('X10: a registry with a certificate that does not hold is not asked without encryption', async (t) => {
	const registry = await scriptedRegistry(t, {[path]: giving(blob.bytes)}, selfSigned('localhost'));
	t.is(await get(known(t, registry.host), registry), 'registry/tls');
	t.is(await get(known(t, registry.host, selfSigned('localhost').cert), registry), 'registry/tls');
	t.deepEqual(registry.requests, []);
	const home = scratch(t);
	writeFileSync(`${home}/ca.crt`, 'not a certificate');
	t.is(await get(clientFor(t, {config: {[registry.host]: {ca: `${home}/none.crt`}}}), registry), 'registry/bad-config');
});

test('X11: an error of many megabytes is not read, and does not fill the screen', async (t) => {
	let sent = 0;
	const registry = await scriptedRegistry(t, {
		[path]: (_, response) => {
			const more = (): void => {
				while (sent < 50_000_000 && response.write(Buffer.alloc(65_536, '['))) sent += 65_536;
				if (sent >= 50_000_000) response.end();
			};
			response.writeHead(404, {'content-type': 'application/json'}).on('drain', more);
			more();
		},
	});
	t.is(await get(clientFor(t), registry), 'registry/not-found');
	t.true(sent < 20_000_000);
});
