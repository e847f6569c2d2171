import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import {connect, createServer, type Socket} from 'node:net';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {storedContent} from '../../src/registry/stored-content.ts';
import {openStore} from '../../src/store/open-store.ts';
import {blobOf, clientFor, noise, referenceOf, type TestBlob} from '../support/registry-support.ts';
import {type RegistryServer, dockerRegistry, startRegistry} from '../support/registry-server.ts';
import {giving, refusing, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf, collect, scratch} from '../support/store-support.ts';
import {when} from '../support/when.ts';

const mebibyte = 1 << 20;
const large = blobOf(noise(3 * mebibyte));
const small = blobOf(noise(1000));

interface UploadOptions {
	/** Where an upload is, from the number of requests. */
	readonly location?: (url: string, count: number) => string;
	readonly headers?: Readonly<Record<string, string>>;
	/** Bytes of the first PATCH after which the connection is cut; the status 404 of a PATCH when it is negative. */
	readonly cutAfter?: number;
	readonly patch?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean;
	readonly forgets?: boolean;
}

/** A registry that takes uploads of one repository. */
async function uploads(t: ExecutionContext, blob: TestBlob, options: UploadOptions = {}) {
	let chunks: Buffer[] = [];
	const size = (): number => chunks.reduce((sum, {length}) => sum + length, 0);
	let isStored = false;
	const ranges: (string | undefined)[] = [];
	const queries: string[] = [];
	const upload = '/v2/a/b/blobs/uploads/id';
	const locate = (count: number): string => (options.location ?? ((url: string) => url))(`${upload}?state=${count}%2B/x`, count);
	const registry: ScriptedRegistry = await scriptedRegistry(t, {
		[`HEAD /v2/a/b/blobs/${blob.digest}`]: (_, response) => void response.writeHead(isStored ? 200 : 404).end(),
		'POST /v2/a/b/blobs/uploads/': (_, response, count) => {
			chunks = [];
			response.writeHead(202, {location: locate(count), ...options.headers}).end();
		},
		[`PATCH ${upload}`]: async (request, response, count) => {
			ranges.push(request.headers['content-range']);
			if (options.patch?.(request, response, count) === true) return;
			try {
				for await (const chunk of request as AsyncIterable<Buffer>) {
					chunks.push(chunk);
					if (count === 0 && options.cutAfter !== undefined && size() >= options.cutAfter) return void request.destroy();
				}
			} catch {
				// The client has broken it off.
				return;
			}
			response.writeHead(202, {location: locate(count + 1), range: `0-${size() - 1}`}).end();
		},
		[`GET ${upload}`]: (_, response) => {
			if (options.forgets === true) response.writeHead(404).end();
			else response.writeHead(204, {location: locate(7), range: `0-${Math.max(0, size() - 1)}`}).end();
		},
		[`PUT ${upload}`]: async (request, response) => {
			queries.push(request.url?.split('?')[1] ?? '');
			for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
			isStored = sha256(Buffer.concat(chunks)) === blob.digest;
			if (isStored) response.writeHead(201, {'docker-content-digest': blob.digest}).end();
			else refusing(400, 'DIGEST_INVALID', 'provided digest did not match uploaded content')(request, response, 0);
		},
	});
	return {registry, ranges, queries, isStored: () => isStored, reference: referenceOf(`${registry.host}/a/b`)};
}

test('a small blob is two requests, a large one chunks that fit together', async (t) => {
	const one = await uploads(t, small);
	t.is(await clientFor(t).pushBlob(one.reference, small), 'sent');
	t.deepEqual(one.ranges, []);
	t.deepEqual(one.queries, [`state=0%2B/x&digest=${encodeURIComponent(small.digest)}`]);
	const many = blobOf(noise(70 * mebibyte));
	const two = await uploads(t, many);
	t.is(await clientFor(t).pushBlob(two.reference, many), 'sent');
	t.deepEqual(two.ranges, [`0-${64 * mebibyte - 1}`, `${64 * mebibyte}-${70 * mebibyte - 1}`]);
	const least = await uploads(t, many, {headers: {'oci-chunk-min-length': String(80 * mebibyte)}});
	t.is(await clientFor(t).pushBlob(least.reference, many), 'sent');
	t.deepEqual(least.ranges, [`0-${70 * mebibyte - 1}`]);
});

test('places of uploads may be relative, whole, or without a query', async (t) => {
	for (const location of [(url: string) => url.slice(1).replace('v2/a/b/blobs/uploads/', ''), (url: string) => url.replace(/\?.*/v, '')]) {
		const {reference, isStored} = await uploads(t, large, {location});
		t.is(await clientFor(t).pushBlob(reference, large), 'sent');
		t.true(isStored());
	}
	const whole: {url: string} = {url: ''};
	const {registry, reference, isStored} = await uploads(t, large, {location: (url) => `${whole.url}${url}`});
	whole.url = registry.url;
	t.is(await clientFor(t).pushBlob(reference, large), 'sent');
	t.true(isStored());
});

test('an upload that is cut goes on where the registry says', async (t) => {
	const {reference, ranges, isStored, registry} = await uploads(t, large, {cutAfter: mebibyte});
	t.is(await clientFor(t).pushBlob(reference, large), 'sent');
	t.true(isStored());
	t.is(ranges.length, 2);
	const start = Number(ranges[1]?.split('-')[0]);
	t.true(start >= mebibyte && start < large.size);
	t.is(registry.asked.filter((line) => line.startsWith('POST')).length, 1);
});

test('a blob of the store is read on from where the upload ended', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const name = store.blobs.putBytes(large.bytes);
	const {reference, ranges, isStored} = await uploads(t, large, {cutAfter: mebibyte});
	t.is(await clientFor(t).pushBlob(reference, storedContent(store.blobs, name)), 'sent');
	t.true(isStored());
	t.is(ranges.length, 2);
	// What is damaged on the disk is not sent.
	writeFileSync(store.blobs.path(name.digest), noise(large.size, 8));
	const second = await uploads(t, large);
	t.is(await codeOf(() => clientFor(t).pushBlob(second.reference, storedContent(store.blobs, name))), 'store/blob-damaged');
	t.false(second.isStored());
});

test('an upload that the registry has forgotten begins anew', async (t) => {
	const {reference, ranges, isStored, registry} = await uploads(t, large, {cutAfter: mebibyte, forgets: true});
	t.is(await clientFor(t).pushBlob(reference, large), 'sent');
	t.true(isStored());
	t.is(ranges[1], `0-${large.size - 1}`);
	t.is(registry.asked.filter((line) => line.startsWith('POST')).length, 2);
});

test('a registry that takes no chunks gets the blob whole', async (t) => {
	for (const status of [405, 501]) {
		const {reference, isStored} = await uploads(t, large, {
			patch: (request, response) => {
				request.resume().on('end', () => response.writeHead(status).end());
				return true;
			},
		});
		t.is(await clientFor(t).pushBlob(reference, large), 'sent');
		t.true(isStored());
	}
});

test('a registry that keeps a part of a chunk gets the rest', async (t) => {
	let kept = 0;
	const {reference, ranges} = await uploads(t, large, {
		patch: (request, response, count) => {
			if (count > 0) return false;
			kept = mebibyte;
			request.resume().on('end', () => response.writeHead(202, {location: '/v2/a/b/blobs/uploads/id', range: `0-${kept - 1}`}).end());
			return true;
		},
	});
	// It lied: the digest tells.
	t.is(await codeOf(() => clientFor(t).pushBlob(reference, large)), 'registry/refused');
	t.is(ranges[1], `${mebibyte}-${large.size - 1}`);
});

test('a registry that is always busy is given up, one that answers with an early 413 is told about', async (t) => {
	const busy = await uploads(t, large, {patch: (_, response) => !!response.writeHead(503).end()});
	t.is(await codeOf(() => clientFor(t).pushBlob(busy.reference, large)), 'registry/unavailable');
	const full = await uploads(t, large, {
		patch: (request, response, count) => {
			refusing(413, 'SIZE_INVALID', 'too large', {connection: 'close'})(request, response, count);
			return true;
		},
	});
	t.is(await codeOf(() => clientFor(t).pushBlob(full.reference, large)), 'registry/refused');
});

test('a registry that takes no byte is given up long before one that checks what it got', async (t) => {
	const blob = blobOf(noise(20 * mebibyte));
	const pacing = {patience: 200, commitPatience: 60_000, attempts: 2};
	const deaf = await uploads(t, blob, {patch: (request) => !!request.socket.pause()});
	t.is(await codeOf(() => clientFor(t, {pacing}).pushBlob(deaf.reference, blob)), 'registry/unreachable');
	const slow = await uploads(t, large, {
		patch: (request, response) => {
			request.resume().on('end', () => void setTimeout(() => response.writeHead(413).end(), 800));
			return true;
		},
	});
	t.is(await codeOf(() => clientFor(t, {pacing}).pushBlob(slow.reference, large)), 'registry/refused');
});

test('an upload elsewhere gets no credentials, and none from https to http', async (t) => {
	const seen: (string | undefined)[] = [];
	const elsewhere = await scriptedRegistry(t, {
		'PUT /up': (request, response) => {
			seen.push(request.headers.authorization);
			request.resume().on('end', () => response.writeHead(201).end());
		},
	});
	const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;
	const registry = await scriptedRegistry(t, {
		[`HEAD /v2/a/b/blobs/${small.digest}`]: (request, response) =>
			void (request.headers.authorization === basic
				? response.writeHead(404).end()
				: response.writeHead(401, {'www-authenticate': 'Basic realm="x"'}).end()),
		'POST /v2/a/b/blobs/uploads/': (request, response) => {
			seen.push(request.headers.authorization);
			response.writeHead(202, {location: `${elsewhere.url}/up`}).end();
		},
	});
	const auths = JSON.stringify({auths: {[registry.host]: {auth: Buffer.from('me:secret').toString('base64')}}});
	t.is(await clientFor(t, {files: {'.docker/config.json': auths}}).pushBlob(referenceOf(`${registry.host}/a/b`), small), 'sent');
	t.deepEqual(seen, [basic, undefined]);
});

test('a manifest that the registry stored as another one is noticed', async (t) => {
	const registry = await scriptedRegistry(t, {
		'PUT /v2/a/b/manifests/1': giving('', {'docker-content-digest': sha256('other')}, 201),
		'PUT /v2/a/b/manifests/2': refusing(400, 'MANIFEST_INVALID', 'manifest invalid'),
	});
	const push = (tag: string): Promise<string | undefined> =>
		codeOf(() => clientFor(t).pushDocument(referenceOf(`${registry.host}/a/b:${tag}`), Buffer.from('{}'), 'application/json'));
	t.is(await push('1'), 'registry/wrong-digest');
	t.is(await push('2'), 'registry/refused');
});

/** A port that leads to the registry; `limit` bytes go through in each direction, then every connection is cut, once. */
async function cuttingProxy(t: ExecutionContext, target: () => number, direction: 'up' | 'down', limit: number, cut: () => Promise<void>) {
	let left = limit;
	let isCut = false;
	const sockets = new Set<Socket>();
	const server = createServer((client) => {
		const upstream = connect(target(), '127.0.0.1');
		for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
		client.on('close', () => upstream.destroy());
		upstream.on('close', () => client.destroy());
		client.pipe(upstream).pipe(client);
		(direction === 'up' ? client : upstream).on('data', (chunk: Buffer) => {
			left -= chunk.length;
			if (left > 0 || isCut) return;
			isCut = true;
			for (const socket of sockets) socket.destroy();
			void cut();
		});
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const address = server.address();
	return {host: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, wasCut: () => isCut};
}

for (const direction of ['up', 'down'] as const) {
	for (const isKilled of [false, true]) {
		const way = direction === 'up' ? 'a push' : 'a pull';
		when(
			dockerRegistry,
			`${way} goes on when ${isKilled ? 'the registry is killed and started again' : 'the connection is cut'} in its middle`,
			async (t) => {
				const directory = scratch(t);
				let server: RegistryServer = await startRegistry(t, directory);
				const blob = blobOf(noise(20 * mebibyte));
				let restarted: Promise<void> | undefined;
				const proxy = await cuttingProxy(
					t,
					() => server.port,
					direction,
					8 * mebibyte,
					async () => {
						if (!isKilled) return;
						restarted = server.kill().then(async () => {
							server = await startRegistry(t, directory, {port: server.port});
						});
						await restarted;
					},
				);
				// Real pauses, for the registry needs time to start.
				const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 300));
				const client = clientFor(t, {pacing: {attempts: 10, pause}});
				if (direction === 'down') await clientFor(t).pushBlob(referenceOf(`${server.host}/a/b`), blob);
				const reference = referenceOf(`${proxy.host}/a/b`);
				if (direction === 'up') t.is(await client.pushBlob(reference, blob), 'sent');
				const bytes = await collect(client.blob(reference, blob));
				t.true(proxy.wasCut());
				t.is(sha256(bytes), blob.digest);
				await restarted;
			},
		);
	}
}
