import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import test, {type ExecutionContext} from 'ava';
import {downloadBlob} from '../../src/registry/download-blob.ts';
import {openStore, type Store} from '../../src/store/open-store.ts';
import {partialPath} from '../../src/store/partial-blob.ts';
import {prune} from '../../src/store/prune.ts';
import {blobOf, clientFor, type ClientOptions, noise, referenceOf, type TestClient} from '../support/registry-support.ts';
import {giving, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf, scratch} from '../support/store-support.ts';

const blob = blobOf(noise(3_000_000));
const path = `/v2/a/b/blobs/${blob.digest}`;
const {signal} = new AbortController();

/** A registry that gives the rest from any place on, up to a place that the test may move. */
async function served(t: ExecutionContext, options: ClientOptions = {}) {
	const state = {until: blob.size, ranges: [] as (string | undefined)[]};
	const registry: ScriptedRegistry = await scriptedRegistry(t, {
		[path]: (request, response) => {
			const {range} = request.headers;
			state.ranges.push(range);
			const start = Number(/^bytes=(\d+)-/v.exec(range ?? '')?.[1] ?? 0);
			if (range !== undefined) response.writeHead(206, {'content-range': `bytes ${start}-${blob.size - 1}/${blob.size}`});
			const rest = blob.bytes.subarray(start, Math.max(start, state.until));
			if (state.until === blob.size) response.end(rest);
			else response.write(rest, () => response.destroy());
		},
	});
	const store = openStore(`${scratch(t)}/store`);
	const client = clientFor(t, options);
	const repository = referenceOf(`${registry.host}/a/b`);
	const get = (other: TestClient = client): Promise<string | undefined> =>
		codeOf(() => downloadBlob(repository, blob, {client: other, store, signal}));
	return {state, registry, store, client, repository, get};
}

const isWhole = (store: Store): boolean => readFileSync(store.blobs.path(blob.digest)).equals(blob.bytes);
const filesOf = (store: Store): readonly string[] => readdirSync(`${store.directory}/blobs/sha256`);

test('a blob comes into the store, once', async (t) => {
	const {store, get, state} = await served(t);
	t.is(await get(), undefined);
	t.is(await get(), undefined);
	t.true(isWhole(store));
	t.deepEqual(filesOf(store), [blob.digest.slice('sha256:'.length)]);
	t.deepEqual(state.ranges, [undefined]);
});

test('a download that failed is continued by the next one', async (t) => {
	const {store, get, state} = await served(t, {pacing: {attempts: 1}});
	state.until = 2_000_000;
	t.is(await get(), 'registry/unreachable');
	t.is(statSync(partialPath(store, blob.digest)).size, 2_000_000);
	state.until = blob.size;
	t.is(await get(), undefined);
	t.true(isWhole(store));
	t.deepEqual(state.ranges, [undefined, 'bytes=2000000-2999999']);
	t.is(filesOf(store).length, 1);
});

test('a beginning that is wrong, or too long, is had again', async (t) => {
	for (const [beginning, ranges] of [
		[noise(1_000_000, 5), ['bytes=1000000-2999999', undefined]],
		[Buffer.alloc(blob.size), [undefined]],
		[Buffer.alloc(blob.size + 1), [undefined]],
	] as const) {
		const {store, get, state} = await served(t);
		writeFileSync(partialPath(store, blob.digest), beginning);
		t.is(await get(), undefined);
		t.true(isWhole(store));
		t.deepEqual(state.ranges, [...ranges]);
	}
});

test('downloads of one blob at the same time are one', async (t) => {
	const {store, get, state} = await served(t);
	t.deepEqual(await Promise.all([get(), get(clientFor(t)), get(clientFor(t))]), [undefined, undefined, undefined]);
	t.true(isWhole(store));
	t.is(state.ranges.length, 1);
});

test('wrong bytes leave nothing, and a mirror that lied is made up for', async (t) => {
	const lying = await scriptedRegistry(t, {[path]: giving(noise(blob.size, 3))});
	const store = openStore(`${scratch(t)}/store`);
	const get = (name: string, options: ClientOptions): Promise<string | undefined> =>
		codeOf(() => downloadBlob(referenceOf(name), blob, {client: clientFor(t, options), store, signal}));
	t.is(await get(`${lying.host}/a/b`, {}), 'registry/wrong-digest');
	t.deepEqual(filesOf(store), []);
	const {registry} = await served(t);
	t.is(await get(`${registry.host}/a/b`, {config: {[registry.host]: {mirrors: [lying.host]}}}), undefined);
	t.true(isWhole(store));
	t.is(filesOf(store).length, 1);
});

test('an abort keeps what is there; prune deletes it when it is old', async (t) => {
	const {store, repository, registry, state} = await served(t);
	const abort = new AbortController();
	const client = clientFor(t, {signal: abort.signal});
	const progressed = (bytes: number): void => void (bytes > 500_000 && abort.abort());
	await t.throwsAsync(downloadBlob(repository, blob, {client, store, signal: abort.signal, progressed}), {any: true, name: 'AbortError'});
	const partial = partialPath(store, blob.digest);
	t.true(statSync(partial).size > 500_000);
	const trees = {remove: async () => {}, measure: async () => 0};
	await prune(store, {}, trees);
	t.true(existsSync(partial));
	utimesSync(partial, 1, 1);
	await prune(store, {}, trees);
	t.false(existsSync(partial));
	t.is(state.ranges.length, registry.asked.length);
});

test('a process that is killed leaves its beginning to the next one', async (t) => {
	const {store, get, state, registry} = await served(t);
	let isKilled = false;
	const slow = await scriptedRegistry(t, {
		[path]: (_, response) => void response.writeHead(200, {'content-length': blob.size}).write(blob.bytes.subarray(0, 2_000_000)),
	});
	const module = (name: string): string => new URL(`../../src/${name}.js`, import.meta.url).href;
	const program = `
		const {downloadBlob} = await import('${module('registry/download-blob')}');
		const {openRegistry} = await import('${module('registry/registry-client')}');
		const {openStore} = await import('${module('store/open-store')}');
		const {signal} = new AbortController();
		const client = openRegistry({env: {HOME: '/nonexistent'}, config: {}, signal});
		const blob = {digest: '${blob.digest}', size: ${blob.size}};
		await downloadBlob({registry: '${slow.host}', repository: 'a/b'}, blob, {client, store: openStore('${store.directory}'), signal});
	`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', program], {stdio: 'inherit'});
	t.teardown(() => child.kill('SIGKILL'));
	const partial = partialPath(store, blob.digest);
	while (child.exitCode === null && (statSync(partial, {throwIfNoEntry: false})?.size ?? 0) < 2_000_000) await setTimeout(20);
	// As long as it lives, nobody else writes.
	const waiting = get().then((code) => [isKilled, code]);
	await setTimeout(300);
	t.deepEqual(registry.asked, []);
	isKilled = true;
	child.kill('SIGKILL');
	await once(child, 'exit');
	t.deepEqual(await waiting, [true, undefined]);
	t.true(isWhole(store));
	t.deepEqual(state.ranges, ['bytes=2000000-2999999']);
});
