import {createServer as createSecureServer} from 'node:https';
import {once} from 'node:events';
import {createServer} from 'node:net';
import {writeFileSync} from 'node:fs';
import test from 'ava';
import {array, assert, asyncProperty, constantFrom} from 'fast-check';
import {blobOf, clientFor, noise, referenceOf} from '../support/registry-support.ts';
import {startLoopbackProxy} from '../support/loopback-proxy.ts';
import {giving, scriptedRegistry} from '../support/scripted-registry.ts';
import {selfSigned} from '../support/self-signed.ts';
import {codeOf, collect, scratch} from '../support/store-support.ts';

const blob = blobOf(noise(1000));
const path = `/v2/a/b/blobs/${blob.digest}`;

test('a certificate of the client is shown when it is asked for', async (t) => {
	const server = selfSigned('localhost');
	const client = selfSigned('someone');
	const secure = createSecureServer({...server, ca: client.cert, requestCert: true, rejectUnauthorized: true}, (request, response) => {
		response.end(request.url === path ? blob.bytes : '');
	});
	secure.listen(0, '127.0.0.1');
	await once(secure, 'listening');
	t.teardown(() => {
		secure.closeAllConnections();
		secure.close();
	});
	const address = secure.address();
	const host = `localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
	const get = (options: Parameters<typeof clientFor>[1]): Promise<string | undefined> =>
		codeOf(() => collect(clientFor(t, options).blob(referenceOf(`${host}/a/b`), blob)));
	const directory = `.config/containers/certs.d/${host}`;
	const authority = {[`${directory}/ca.crt`]: server.cert};
	t.is(await get({files: {...authority, [`${directory}/me.cert`]: client.cert, [`${directory}/me.key`]: client.key}}), undefined);
	t.is(await get({files: authority}), 'registry/tls');
	t.is(await get({files: {...authority, [`${directory}/me.cert`]: client.cert}}), 'registry/bad-config');
	t.is(await get({files: {...authority, [`${directory}/me.cert`]: 'x', [`${directory}/me.key`]: 'y'}}), 'registry/bad-config');
	const files = scratch(t);
	for (const [name, content] of Object.entries({ca: server.cert, cert: client.cert, key: client.key}))
		writeFileSync(`${files}/${name}`, content);
	t.is(await get({config: {[host]: {ca: `${files}/ca`, cert: `${files}/cert`, key: `${files}/key`}}}), undefined);
});

test('a proxy is asked for a registry of another machine, with its own credentials only', async (t) => {
	const proxy = await startLoopbackProxy(
		(url) => (url === `http://registry.example${path}` ? blob.bytes.toString('latin1') : url.endsWith('/v2/') ? 'x' : undefined),
		1,
	);
	t.teardown(() => proxy.close());
	const text = blobOf(Buffer.from(blob.bytes.toString('latin1')));
	const client = clientFor(t, {
		config: {'registry.example': {insecure: true}},
		env: {HTTP_PROXY: `http://someone:pa55word@${proxy.host}`},
		files: {'.docker/config.json': '{"auths":{"registry.example":{"username":"a","password":"b"}}}'},
	});
	const got = await collect(client.blob(referenceOf('registry.example/a/b'), {digest: blob.digest, size: text.size}));
	t.true(got.equals(text.bytes));
	t.true(proxy.requests.every(({headers}) => headers.authorization === undefined));
	const wrong = clientFor(t, {config: {'registry.example': {insecure: true}}, env: {HTTP_PROXY: 'socks5://x'}});
	t.is(await codeOf(() => collect(wrong.blob(referenceOf('registry.example/a/b'), blob))), 'registry/unreachable');
});

test('https goes through a tunnel of the proxy, and is checked as without one', async (t) => {
	const certificate = selfSigned('registry.example');
	const registry = await scriptedRegistry(t, {[path]: giving(blob.bytes)}, certificate);
	const proxy = await startLoopbackProxy(() => undefined, Number(new URL(registry.url).port));
	t.teardown(() => proxy.close());
	const env = {HTTPS_PROXY: `http://someone:pa55word@${proxy.host}`};
	const files = {'.docker/certs.d/registry.example/ca.crt': certificate.cert};
	const get = (options: Parameters<typeof clientFor>[1]): Promise<string | undefined> =>
		codeOf(() => collect(clientFor(t, {env, ...options}).blob(referenceOf('registry.example/a/b'), blob)));
	t.is(await get({files}), undefined);
	t.is(await get({}), 'registry/tls');
	t.is(await get({files, env: {HTTPS_PROXY: `http://someone:wrong@${proxy.host}`}}), 'registry/unreachable');
});

test('plain http is for this machine, and for hosts that may be insecure', async (t) => {
	const registry = await scriptedRegistry(t, {[path]: giving(blob.bytes)});
	const proxy = await startLoopbackProxy(() => undefined, Number(new URL(registry.url).port));
	t.teardown(() => proxy.close());
	// What the tunnel leads to does not speak TLS.
	const client = clientFor(t, {env: {HTTPS_PROXY: `http://someone:pa55word@${proxy.host}`}});
	t.is(await codeOf(() => collect(client.blob(referenceOf('registry.example/a/b'), blob))), 'registry/needs-insecure');
	t.is(await codeOf(() => collect(clientFor(t).blob(referenceOf(`${registry.host}/a/b`), blob))), undefined);
	t.deepEqual(client.pauses, []);
});

const pieces = [
	'HTTP/1.1 200 OK\r\n',
	'HTTP/1.1 999 \r\n',
	'HTTP/1.1 302 x\r\nLocation: /v2/\r\n',
	'HTTP/1.1 401 x\r\nWWW-Authenticate: Bearer realm="http://127.0.0.1:1/"\r\n',
	'HTTP/1.1 100 Continue\r\n\r\n',
	'Content-Length: 5\r\n',
	'Content-Length: -1\r\n',
	'Content-Length: 99999999999999999999\r\n',
	'Transfer-Encoding: chunked\r\n',
	'Content-Range: bytes 0-1/2\r\n',
	'Content-Encoding: br\r\n',
	'\r\n',
	'5\r\nhello\r\n0\r\n\r\n',
	'ffffffffffffffff\r\n',
	'hello',
	'\u0000\u0001',
];

test('whatever a server says, it ends with a blob that is wrong or an error for people', async (t) => {
	let answer = '';
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.once('data', (data: Buffer) => {
			// The greeting of TLS begins with 22.
			if (data[0] === 22) return void socket.destroy();
			socket.end(
				data.toString('latin1').startsWith('GET /v2/ ')
					? 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'
					: Buffer.from(answer, 'latin1'),
			);
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => server.close());
	const address = server.address();
	const name = `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/a/b:1`;
	await assert(
		asyncProperty(array(constantFrom(...pieces), {maxLength: 6}), async (lines) => {
			answer = lines.join('');
			const client = clientFor(t, {pacing: {attempts: 1, patience: 500}});
			const blobCode = await codeOf(() => collect(client.blob(referenceOf(name), {digest: blob.digest, size: 5})));
			const documentCode = await codeOf(() => client.document(referenceOf(name)));
			client.close();
			return (blobCode ?? 'registry/').startsWith('registry/') && /^(?:registry|base)\//v.test(documentCode ?? '');
		}),
		{numRuns: 150},
	);
	t.pass();
});
