import {chmodSync, mkdirSync, writeFileSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {
	authFileFor,
	blobOf,
	clientFor,
	type ClientOptions,
	imageOf,
	noise,
	referenceOf,
	type TestClient,
} from '../support/registry-support.ts';
import {bodyOf, giving, refusing, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf, scratch} from '../support/store-support.ts';

const {manifest} = imageOf([blobOf(noise(10))], [sha256('')]);
const document = giving(manifest, {'content-type': mediaTypes.manifest});
const path = '/v2/a/b/manifests/1';
const basicOf = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

/** A registry that wants a token of a token server: its answer, and what the token server was asked. */
async function withTokens(
	t: ExecutionContext,
	answer: (request: IncomingMessage, count: number) => unknown,
	parameters = 'scope="repository:a/b:pull"',
): Promise<{readonly registry: ScriptedRegistry; readonly tokens: ScriptedRegistry; readonly shown: (string | undefined)[]}> {
	const shown: (string | undefined)[] = [];
	const tokens = await scriptedRegistry(t, {
		'/token': (request, response, count) => {
			shown.push(request.headers.authorization);
			giving(JSON.stringify(answer(request, count)))(request, response, count);
		},
	});
	const registry = await scriptedRegistry(t, {
		[path]: (request, response, count) => {
			if (request.headers.authorization?.startsWith('Bearer good') === true) return document(request, response, count);
			const challenge = `Bearer realm="${tokens.url}/token",service="the \\"service\\"",${parameters}`;
			refusing(401, 'UNAUTHORIZED', 'log in', {'www-authenticate': challenge})(request, response, count);
		},
	});
	return {registry, tokens, shown};
}

const get = (client: TestClient, {host}: ScriptedRegistry): Promise<string | undefined> =>
	codeOf(() => client.document(referenceOf(`${host}/a/b:1`)));

test('a token is asked for without credentials when there are none, and used again', async (t) => {
	const {registry, tokens, shown} = await withTokens(t, () => ({token: 'good', expires_in: 300}));
	const client = clientFor(t);
	for (let times = 0; times < 3; times += 1) t.is(await get(client, registry), undefined);
	t.deepEqual(shown, [undefined]);
	t.deepEqual(tokens.asked, ['GET /token?service=the+%22service%22&scope=repository%3Aa%2Fb%3Apull']);
	t.is(registry.asked.length, 4);
});

test('requests at the same time share one token', async (t) => {
	const {registry, tokens} = await withTokens(t, () => ({access_token: 'good'}));
	const client = clientFor(t);
	t.is(await get(client, registry), undefined);
	await Promise.all(Array.from({length: 8}, async () => t.is(await get(client, registry), undefined)));
	t.is(tokens.asked.length, 1);
});

test('the token server that the registry names gets the credentials of the registry', async (t) => {
	const {registry, shown, tokens} = await withTokens(t, () => ({token: 'good'}));
	t.is(await get(clientFor(t, {files: {'.docker/config.json': authFileFor({[registry.host]: 'me:secret:x'})}}), registry), undefined);
	t.deepEqual(shown, [basicOf('me:secret:x')]);
	t.true(tokens.asked[0]?.endsWith('&account=me'));
});

test('a token is renewed before it ends, and when the registry does not take it any more', async (t) => {
	let now = 0;
	const {registry, tokens} = await withTokens(t, (_, count) => ({token: `good${count}`, expires_in: 100}));
	const client = clientFor(t, {pacing: {now: () => now}});
	for (now of [0, 89_000, 91_000]) t.is(await get(client, registry), undefined);
	t.is(tokens.asked.length, 2);
	const revoked = await withTokens(t, (_, count) => ({token: count === 0 ? 'bad' : 'good', expires_in: 1000}));
	const second = clientFor(t);
	t.is(await get(second, revoked.registry), 'registry/unauthorized');
	t.is(await get(second, revoked.registry), undefined);
});

test('an identity token is exchanged by POST, and is nowhere in a URL', async (t) => {
	const bodies: string[] = [];
	const tokens = await scriptedRegistry(t, {
		'POST /token': async (request: IncomingMessage, response: ServerResponse, count) => {
			bodies.push((await bodyOf(request)).toString());
			giving('{"access_token":"good"}')(request, response, count);
		},
	});
	const registry = await scriptedRegistry(t, {
		[path]: (request, response, count) =>
			(request.headers.authorization === 'Bearer good'
				? document
				: refusing(401, 'UNAUTHORIZED', '', {'www-authenticate': `Bearer realm="${tokens.url}/token",service="s"`}))(
				request,
				response,
				count,
			),
	});
	const file = JSON.stringify({auths: {[registry.host]: {identitytoken: 'long-lived'}}});
	t.is(await get(clientFor(t, {files: {'.docker/config.json': file}}), registry), undefined);
	t.is(bodies[0], 'grant_type=refresh_token&service=s&scope=repository%3Aa%2Fb%3Apull&client_id=boxbuild&refresh_token=long-lived');
	t.deepEqual(tokens.asked, ['POST /token']);
});

test('another scope that the registry asks for is asked for, too', async (t) => {
	const {registry, tokens} = await withTokens(t, () => ({token: 'good'}), 'scope="repository:a/b:pull registry:catalog:*"');
	t.is(await get(clientFor(t), registry), undefined);
	t.true(tokens.asked[0]?.endsWith('scope=repository%3Aa%2Fb%3Apull&scope=registry%3Acatalog%3A*'));
});

for (const [title, answer] of [
	['no token', {}],
	['a token that would be two headers', {token: 'good\r\nx: y'}],
	['a token of 1 MB', {token: `good${'x'.repeat(1_000_000)}`}],
] as const) {
	test(`a token server that gives ${title}`, async (t) => {
		const {registry} = await withTokens(t, () => answer);
		t.is(await get(clientFor(t), registry), 'registry/unsupported-answer');
	});
}

for (const [title, header, code] of [
	['another protocol', 'Bearer realm="ftp://127.0.0.1/token"', 'registry/unsupported-answer'],
	['plain http of another machine', 'Bearer realm="http://192.0.2.1/token"', 'registry/unsupported-answer'],
	['no URL', 'Bearer realm="token"', 'registry/unsupported-answer'],
	['nothing', 'Bearer', 'registry/unsupported-answer'],
	['a scheme that nobody knows', 'Negotiate', 'registry/unauthorized'],
	['what is no challenge', '"', 'registry/unauthorized'],
] as const) {
	test(`a challenge that names ${title}`, async (t) => {
		const registry = await scriptedRegistry(t, {[path]: refusing(401, 'UNAUTHORIZED', 'no', {'www-authenticate': header})});
		t.is(await get(clientFor(t, {files: {'.docker/config.json': authFileFor({[registry.host]: 'me:secret'})}}), registry), code);
	});
}

test('credentials that are wrong are told about with their file, never with themselves', async (t) => {
	const tokens = await scriptedRegistry(t, {'/token': refusing(401, 'UNAUTHORIZED', 'incorrect username or password')});
	const registry = await scriptedRegistry(t, {
		[path]: refusing(401, 'UNAUTHORIZED', 'no', {'www-authenticate': `Bearer realm="${tokens.url}/token"`}),
	});
	const client = clientFor(t, {files: {'.docker/config.json': authFileFor({[registry.host]: 'me:topsecret'})}});
	const error = await t.throwsAsync(client.document(referenceOf(`${registry.host}/a/b:1`)), {instanceOf: BuildError});
	t.deepEqual(error?.diagnostics[0]?.because, [
		'the token server answered 401',
		'UNAUTHORIZED: incorrect username or password',
		'those from `~/.docker/config.json` were not accepted',
	]);
	t.false(JSON.stringify(error?.diagnostics).includes('topsecret'));
});

/** A client with helper programs: shell scripts by name. */
function withHelpers(t: ExecutionContext, helpers: Readonly<Record<string, string>>, options: ClientOptions): TestClient {
	const directory = `${scratch(t)}/bin`;
	mkdirSync(directory);
	for (const [name, script] of Object.entries(helpers)) {
		writeFileSync(`${directory}/docker-credential-${name}`, `#!/bin/sh\n${script}`);
		chmodSync(`${directory}/docker-credential-${name}`, 0o755);
	}
	return clientFor(t, {...options, env: {PATH: `${directory}:${process.env['PATH']}`}});
}

async function basicRegistry(t: ExecutionContext): Promise<ScriptedRegistry> {
	return scriptedRegistry(t, {
		[path]: (request, response, count) =>
			(request.headers.authorization === basicOf('helped:word')
				? document
				: refusing(401, 'UNAUTHORIZED', 'no', {'www-authenticate': 'Basic realm="x"'}))(request, response, count),
	});
}

const works = (host: string): string =>
	`test "$1" = get && test "$(cat)" = '${host}' && echo '{"ServerURL":"x","Username":"helped","Secret":"word"}'`;

test('a helper for the host, or for all hosts, is asked for its name alone', async (t) => {
	const registry = await basicRegistry(t);
	for (const config of [{credHelpers: {[registry.host]: 'mine'}}, {credsStore: 'mine', auths: {[registry.host]: {}}}]) {
		const files = {'.docker/config.json': JSON.stringify(config)};
		t.is(await get(withHelpers(t, {mine: works(registry.host)}, {files}), registry), undefined);
	}
	t.is(
		await get(
			withHelpers(t, {mine: works(registry.host)}, {files: {'.docker/config.json': '{"credHelpers":{"127.0.0.1":"mine"}}'}}),
			registry,
		),
		'registry/unauthorized',
	);
});

for (const [title, script, fact] of [
	['has none', 'echo "credentials not found in native keychain"; exit 1', undefined],
	['fails', 'echo secret-output >&2; exit 1', '`docker-credential-mine` failed'],
	['says something else', 'echo secret-output', '`docker-credential-mine` did not answer with JSON'],
	['says too little', 'echo "{}"', '`docker-credential-mine` answered without `Username` and `Secret`'],
	['talks without end', 'exec yes', '`docker-credential-mine` failed'],
] as const) {
	test(`a helper that ${title} is passed over and told about`, async (t) => {
		const registry = await basicRegistry(t);
		const client = withHelpers(t, {mine: script}, {files: {'.docker/config.json': '{"credsStore":"mine"}'}});
		const error = await t.throwsAsync(client.document(referenceOf(`${registry.host}/a/b:1`)), {instanceOf: BuildError});
		t.is(error?.diagnostics[0]?.code, 'registry/unauthorized');
		const text = JSON.stringify(error?.diagnostics);
		t.is(text.includes('docker-credential-mine'), fact !== undefined);
		if (fact !== undefined) t.true(text.includes(fact));
		t.false(text.includes('secret-output'));
	});
}

test('a helper whose name is a path is not run', async (t) => {
	const registry = await basicRegistry(t);
	for (const name of ['../evil', 'x/../../evil', '-x', 'a b', '']) {
		const client = withHelpers(
			t,
			{mine: 'exit 1'},
			{files: {'.docker/config.json': JSON.stringify({credHelpers: {[registry.host]: name}})}},
		);
		t.is(await get(client, registry), 'registry/unauthorized');
	}
});

test('a helper that is missing, and files that are broken, do not keep anyone from public images', async (t) => {
	const registry = await scriptedRegistry(t, {[path]: document});
	const files = {'.docker/config.json': '{"credsStore":"no-such-helper"}', '.config/containers/auth.json': '{'};
	t.is(await get(clientFor(t, {files}), registry), undefined);
});

test('a host in other letters is the same registry', async (t) => {
	const registry = await basicRegistry(t);
	const [, port = ''] = registry.host.split(':');
	const client = clientFor(t, {files: {'.docker/config.json': authFileFor({[`localhost:${port}`]: 'helped:word'})}});
	t.is(await codeOf(() => client.document(referenceOf(`LocalHost:${port}/a/b:1`))), undefined);
});
