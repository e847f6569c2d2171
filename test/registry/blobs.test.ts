import type {IncomingMessage, ServerResponse} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import {blobOf, clientFor, type ClientOptions, noise, referenceOf, type TestClient} from '../support/registry-support.ts';
import {giving, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf, collect} from '../support/store-support.ts';

const blob = blobOf(noise(500_000));
const path = `/v2/a/b/blobs/${blob.digest}`;

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

async function served(
	t: ExecutionContext,
	handler: Handler,
	options: ClientOptions = {},
): Promise<{registry: ScriptedRegistry; client: TestClient; get: () => Promise<Buffer>; code: () => Promise<string | undefined>}> {
	const registry = await scriptedRegistry(t, {[path]: handler});
	const client = clientFor(t, options);
	const get = (): Promise<Buffer> => collect(client.blob(referenceOf(`${registry.host}/a/b`), blob));
	return {registry, client, get, code: () => codeOf(get)};
}

/** Where the range of a request begins. */
function startOf({headers}: IncomingMessage): number {
	return Number(/^bytes=(\d+)-/v.exec(headers.range ?? '')?.[1] ?? 0);
}

/** Breaks the connection after some bytes, without having said how many come. */
function cut(response: ServerResponse, from: number, to: number): void {
	response.write(blob.bytes.subarray(from, to), () => response.destroy());
}

test('a connection that breaks is made again for the rest', async (t) => {
	const ranges: (string | undefined)[] = [];
	const {get, client} = await served(t, (request, response, count) => {
		ranges.push(request.headers.range);
		const start = startOf(request);
		if (start > 0) response.writeHead(206, {'content-range': `bytes ${start}-${blob.size - 1}/${blob.size}`});
		if (count < 2) cut(response, start, start + 100_000);
		else response.end(blob.bytes.subarray(start));
	});
	t.true((await get()).equals(blob.bytes));
	t.deepEqual(ranges, [undefined, 'bytes=100000-499999', 'bytes=200000-499999']);
	t.deepEqual(client.pauses, [250, 250]);
});

test('a server that knows no ranges sends all again, which is passed over', async (t) => {
	const {get} = await served(t, (_, response, count) => {
		if (count < 2) cut(response, 0, 100_000 * (count + 1));
		else response.end(blob.bytes);
	});
	t.true((await get()).equals(blob.bytes));
});

test('a server that begins its range earlier is passed over up to the place', async (t) => {
	const {get} = await served(t, (_, response, count) => {
		if (count === 0) return cut(response, 0, 100_000);
		response.writeHead(206, {'content-range': `bytes 50000-499999/${blob.size}`}).end(blob.bytes.subarray(50_000));
	});
	t.true((await get()).equals(blob.bytes));
});

for (const [title, headers, expected] of [
	['another range', {'content-range': `bytes 200000-499999/${blob.size}`}, 'registry/unsupported-answer'],
	['no range', {}, 'registry/unsupported-answer'],
	['a range of another blob', {'content-range': `bytes 100000-499999/600000`}, 'registry/wrong-digest'],
] as const) {
	test(`an answer with ${title} is not put together with what is there`, async (t) => {
		const {code} = await served(t, (_, response, count) => {
			if (count === 0) return cut(response, 0, 100_000);
			response.writeHead(206, headers).end(blob.bytes.subarray(100_000));
		});
		t.is(await code(), expected);
	});
}

test('a blob that is shorter or longer than it should be', async (t) => {
	const announced = await served(t, giving(blob.bytes.subarray(1)));
	t.is(await announced.code(), 'registry/wrong-digest');
	const longer = await served(t, giving(Buffer.concat([blob.bytes, Buffer.from('x')])));
	t.is(await longer.code(), 'registry/wrong-digest');
	const short = await served(t, (_, response) => void response.write(blob.bytes.subarray(0, 1000), () => response.end()));
	t.is(await short.code(), 'registry/unreachable');
});

test('of an endless blob no more is taken than the blob has', async (t) => {
	const {client, registry} = await served(t, (_, response) => {
		const more = (): void => {
			while (response.write(Buffer.alloc(65_536)));
		};
		response.on('drain', more);
		more();
	});
	let size = 0;
	const code = await codeOf(async () => {
		for await (const chunk of client.blob(referenceOf(`${registry.host}/a/b`), blob)) size += chunk.length;
	});
	t.true(size <= blob.size);
	t.is(code, 'registry/wrong-digest');
});

test('a blob that drips or stops is given up, however long its reader takes', async (t) => {
	const pacing = {patience: 200, leastBytes: 1000};
	const stops = await served(t, (_, response) => void response.write('x'), {pacing});
	t.is(await stops.code(), 'registry/unreachable');
	const drips = await served(
		t,
		(_, response) => {
			const drip = setInterval(() => response.write('x'), 20);
			response.on('close', () => clearInterval(drip));
		},
		{pacing},
	);
	t.is(await drips.code(), 'registry/unreachable');
	const {client, registry} = await served(t, giving(blob.bytes), {pacing});
	let size = 0;
	for await (const chunk of client.blob(referenceOf(`${registry.host}/a/b`), blob)) {
		if (size === 0) await new Promise((resolve) => void setTimeout(resolve, 500));
		size += chunk.length;
	}
	t.is(size, blob.size);
	t.deepEqual(client.pauses, []);
});

test('an encoding that was not asked for is refused', async (t) => {
	const {code} = await served(t, giving(blob.bytes, {'content-encoding': 'gzip'}));
	t.is(await code(), 'registry/unsupported-answer');
});

test('connections are kept for the next request', async (t) => {
	const ports = new Set<number | undefined>();
	const {get} = await served(t, (request, response, count) => {
		ports.add(request.socket.remotePort);
		giving(blob.bytes)(request, response, count);
	});
	for (let times = 0; times < 5; times += 1) await get();
	t.is(ports.size, 1);
});

test('a reader that leaves lets the connection go', async (t) => {
	let closed: () => void;
	const gone = new Promise<void>((resolve) => (closed = resolve));
	const {client, registry} = await served(t, (_, response) => {
		response.on('close', () => closed());
		response.write(blob.bytes.subarray(0, 1000));
	});
	for await (const _ of client.blob(referenceOf(`${registry.host}/a/b`), blob)) break;
	await gone;
	t.pass();
});

test('a server that is busy for ever is asked as often as usual, not that often again', async (t) => {
	const {code, registry, client} = await served(t, (_, response) => void response.writeHead(503).end());
	t.is(await code(), 'registry/unavailable');
	t.is(registry.asked.length, 3);
	t.is(client.pauses.length, 2);
});
