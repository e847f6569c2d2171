import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {documentLimit} from '../../src/oci/bounded-json.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {blobOf, clientFor, imageOf, noise, referenceOf, type TestClient} from '../support/registry-support.ts';
import {giving, refusing, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf} from '../support/store-support.ts';

const {manifest} = imageOf([blobOf(noise(10))], [sha256('')]);
const digest = sha256(manifest);
const typed = {'content-type': mediaTypes.manifest};
const path = '/v2/a/b/manifests/1';

async function served(
	t: ExecutionContext,
	handlers: Parameters<typeof scriptedRegistry>[1],
): Promise<{readonly registry: ScriptedRegistry; readonly client: TestClient; readonly code: () => Promise<string | undefined>}> {
	const registry = await scriptedRegistry(t, handlers);
	const client = clientFor(t);
	return {registry, client, code: () => codeOf(() => client.document(referenceOf(`${registry.host}/a/b:1`)))};
}

test('a tag is resolved by its headers, and by the document when these tell too little', async (t) => {
	const registry = await scriptedRegistry(t, {
		[path]: giving(manifest, {...typed, 'docker-content-digest': digest}),
		'/v2/a/b/manifests/2': giving(manifest, typed),
		'HEAD /v2/a/b/manifests/3': giving('', {}, 405),
		'GET /v2/a/b/manifests/3': giving(manifest, typed),
	});
	const client = clientFor(t);
	for (const tag of ['1', '2', '3']) {
		const expected = {mediaType: mediaTypes.manifest, digest, size: manifest.length};
		t.deepEqual(await client.resolve(referenceOf(`${registry.host}/a/b:${tag}`)), expected);
	}
	const base = '/v2/a/b/manifests/';
	t.deepEqual(
		registry.asked,
		['HEAD 1', 'HEAD 2', 'GET 2', 'HEAD 3', 'GET 3'].map((line) => line.replace(' ', ` ${base}`)),
	);
});

test('a resolved digest is the one that was asked for', async (t) => {
	const other = sha256('other');
	const registry = await scriptedRegistry(t, {
		[`/v2/a/b/manifests/${other}`]: giving(manifest, {...typed, 'docker-content-digest': digest}),
	});
	t.is(await codeOf(() => clientFor(t).resolve(referenceOf(`${registry.host}/a/b@${other}`))), 'registry/wrong-digest');
});

for (const [title, handler, expected] of [
	['other bytes than the header names', giving(`${manifest} `, {...typed, 'docker-content-digest': digest}), 'registry/wrong-digest'],
	['a header and a document of two kinds', giving(manifest, {'content-type': mediaTypes.index}), 'registry/unsupported-answer'],
	[
		'an image of Docker that is called one of OCI',
		giving(manifest, {'content-type': mediaTypes.dockerManifest}),
		'registry/unsupported-answer',
	],
	['a page of HTML', giving('<html>', {'content-type': 'text/html'}), 'base/malformed'],
	['a manifest of schema 1', giving('{"schemaVersion":1}', {'content-type': 'application/json'}), 'registry/unsupported-answer'],
	['a document without any type', giving('{"schemaVersion":2}', {'content-type': 'application/json'}), 'registry/unsupported-answer'],
	['4 MiB and one byte', giving(Buffer.alloc(documentLimit + 1, ' '), typed), 'registry/unsupported-answer'],
	['10 MB of nested JSON', giving(`{"a":${'['.repeat(10_000_000)}`, typed), 'registry/unsupported-answer'],
	['100 KB of nested JSON', giving(`{"a":${'['.repeat(100_000)}`, typed), 'base/malformed'],
	['headers of 100 KB', giving(manifest, {...typed, 'x-long': 'x'.repeat(100_000)}), 'registry/unsupported-answer'],
	['401 without a challenge', refusing(401, 'UNAUTHORIZED', 'log in'), 'registry/unauthorized'],
	['403', refusing(403, 'DENIED', 'no'), 'registry/denied'],
	['404', refusing(404, 'MANIFEST_UNKNOWN', 'no'), 'registry/not-found'],
	['418', giving('', {}, 418), 'registry/refused'],
	['304', giving('', {}, 304), 'registry/unsupported-answer'],
	['503 for ever', giving('', {}, 503), 'registry/unavailable'],
	['429 for ever', giving('', {}, 429), 'registry/rate-limited'],
	['403 that means 429', refusing(403, 'TOOMANYREQUESTS', 'slow down'), 'registry/rate-limited'],
] as const) {
	test(`an answer that is no document: ${title}`, async (t) => {
		const {code} = await served(t, {[path]: handler});
		t.is(await code(), expected);
	});
}

test('a document whose type the server does not know says it itself', async (t) => {
	const {client, registry} = await served(t, {[path]: giving(manifest, {'content-type': 'application/json; charset=utf-8'})});
	t.is((await client.document(referenceOf(`${registry.host}/a/b:1`))).descriptor.mediaType, mediaTypes.manifest);
});

test('a document has to be that of its descriptor', async (t) => {
	const registry = await scriptedRegistry(t, {[`/v2/a/b/manifests/${digest}`]: giving(manifest, typed)});
	const client = clientFor(t);
	const get = (change: object): Promise<string | undefined> =>
		codeOf(() =>
			client.document(referenceOf(`${registry.host}/a/b:1`), {mediaType: mediaTypes.manifest, digest, size: manifest.length, ...change}),
		);
	t.is(await get({}), undefined);
	t.is(await get({size: manifest.length + 1}), 'registry/wrong-digest');
	t.is(await get({mediaType: mediaTypes.index}), 'registry/unsupported-answer');
});

test('a body that never ends, and headers that never come', async (t) => {
	const endless = await scriptedRegistry(t, {
		[path]: (_, response) => {
			const more = (): void => {
				while (response.write(Buffer.alloc(65_536, ' ')));
			};
			response.writeHead(200, typed).on('drain', more);
			more();
		},
		'/v2/a/b/manifests/2': () => {},
		'/v2/a/b/manifests/3': (_, response) => void response.writeHead(200, typed).write('{'),
		'/v2/a/b/manifests/4': (_, response) => {
			response.writeHead(200, typed);
			const drip = setInterval(() => response.write(' '), 20);
			response.on('close', () => clearInterval(drip));
		},
	});
	const client = clientFor(t, {pacing: {patience: 300}});
	const get = (tag: string): Promise<string | undefined> => codeOf(() => client.document(referenceOf(`${endless.host}/a/b:${tag}`)));
	t.is(await get('1'), 'registry/unsupported-answer');
	for (const tag of ['2', '3', '4']) t.is(await get(tag), 'registry/unreachable', tag);
});

test('what may pass is tried again, as late as the registry asks for', async (t) => {
	const busy = (status: number, headers = {}): ReturnType<typeof giving> => giving('', headers, status);
	const answers = [busy(503), busy(429, {'retry-after': '7'})];
	const {registry, client} = await served(t, {
		[path]: (request, response, count) => (answers[count] ?? giving(manifest, typed))(request, response, count),
	});
	t.is((await client.document(referenceOf(`${registry.host}/a/b:1`))).descriptor.digest, digest);
	t.deepEqual(client.pauses, [250, 7000]);
});

test('a registry that asks to wait for an hour is told about at once', async (t) => {
	const {client, code} = await served(t, {[path]: refusing(429, 'TOOMANYREQUESTS', 'pull rate limit', {'retry-after': '3600'})});
	t.is(await code(), 'registry/rate-limited');
	t.deepEqual(client.pauses, []);
});

test('what the registry says is shown plain and short', async (t) => {
	const {registry, client} = await served(t, {[path]: refusing(404, 'MANIFEST_UNKNOWN', `\u001B[31m${'x'.repeat(5000)}`)});
	const error = await t.throwsAsync(client.document(referenceOf(`${registry.host}/a/b:1`)), {instanceOf: BuildError});
	const [status, said = ''] = error?.diagnostics[0]?.because ?? [];
	t.is(status, 'the registry answered 404');
	t.regex(said, /^MANIFEST_UNKNOWN: x+ \.\.\.$/v);
	t.true(said.length < 310);
});

test('a client that is asked after an abort, or twenty things at a time, asks nothing and warns of nothing', async (t) => {
	const warnings: Error[] = [];
	const note = (warning: Error): void => void warnings.push(warning);
	process.on('warning', note);
	t.teardown(() => process.off('warning', note));
	const registry = await scriptedRegistry(t, {[path]: giving(manifest, typed)});
	const client = clientFor(t);
	await Promise.all(Array.from({length: 20}, () => client.document(referenceOf(`${registry.host}/a/b:1`))));
	await new Promise((resolve) => void setImmediate(resolve));
	t.deepEqual(warnings, []);
	const aborted = clientFor(t, {signal: AbortSignal.abort(new RangeError('enough'))});
	await t.throwsAsync(aborted.document(referenceOf(`${registry.host}/a/b:1`)), {instanceOf: RangeError});
	t.is(registry.asked.length, 20);
});

test('an abort ends an exchange at once, with its reason', async (t) => {
	const abort = new AbortController();
	const registry = await scriptedRegistry(t, {[path]: () => abort.abort(new RangeError('enough'))});
	await t.throwsAsync(clientFor(t, {signal: abort.signal}).document(referenceOf(`${registry.host}/a/b:1`)), {instanceOf: RangeError});
});

test('tags are listed over pages of one server, and an endless list ends', async (t) => {
	const other = await scriptedRegistry(t, {'/v2/a/b/tags/list': giving('{"tags":["evil"]}')});
	const registry = await scriptedRegistry(t, {
		'/v2/a/b/tags/list': (request, response, count) =>
			giving(JSON.stringify({tags: [`t${count}`]}), {
				link: count === 0 ? '</v2/a/b/tags/list?last=t0>; rel="next"' : `<${other.url}/v2/a/b/tags/list>; rel="next"`,
			})(request, response, count),
		'/v2/a/c/tags/list': giving('{"tags":[]}', {link: '</v2/a/c/tags/list>; rel="next"'}),
		'/v2/a/d/tags/list': giving('{"tags":null}'),
		'/v2/a/e/tags/list': giving('{"tags":[1]}'),
	});
	const client = clientFor(t);
	t.deepEqual(await client.tags(referenceOf(`${registry.host}/a/b`)), ['t0', 't1']);
	t.deepEqual(other.asked, []);
	t.deepEqual(await client.tags(referenceOf(`${registry.host}/a/c`)), []);
	t.deepEqual(await client.tags(referenceOf(`${registry.host}/a/d`)), []);
	t.is(await codeOf(() => client.tags(referenceOf(`${registry.host}/a/e`))), 'registry/unsupported-answer');
});
