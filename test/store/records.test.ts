import {mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {type ChainId, type DiffId, emptyChain, hexOf, sha256, type StepKey} from '../../src/core/digest.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import {startLiveBuild} from '../../src/store/live-builds.ts';
import {openStore, type Store} from '../../src/store/open-store.ts';
import {prune, usage} from '../../src/store/prune.ts';
import {readSealed, writeSealed} from '../../src/store/sealed-json.ts';
import {lockFile} from '../../src/host/lock.ts';
import {codeOf, diffIdOf, makeDirectory, scratch} from '../support/store-support.ts';
import {rm} from 'node:fs/promises';

const operation = sha256('operation') as string as StepKey;
const trees = {remove: (path: string): Promise<void> => rm(path, {recursive: true, force: true}), measure: async (): Promise<number> => 7};

test('a store that does not exist is made, an empty directory becomes one, another directory is refused', async (t) => {
	const top = scratch(t);
	openStore(`${top}/a/store`);
	t.deepEqual(readdirSync(`${top}/a/store`).sort(), [
		'blobs',
		'index',
		'index.json',
		'layers',
		'logs',
		'memo',
		'mounts',
		'oci-layout',
		'run',
		'steps',
		'version',
	]);
	mkdirSync(`${top}/letters`);
	openStore(`${top}/letters`);
	mkdirSync(`${top}/home`);
	writeFileSync(`${top}/home/letter.txt`, '');
	t.is(await codeOf(() => openStore(`${top}/home`)), 'store/not-a-store');
	writeFileSync(`${top}/a/store/version`, '2\n');
	t.is(await codeOf(() => openStore(`${top}/a/store`)), 'store/newer-version');
});

test('a damaged or cut sealed file reads as nothing', (t) => {
	const path = `${scratch(t)}/value.json`;
	writeSealed(path, {a: [1, 'two', null]});
	t.deepEqual(readSealed(path), {a: [1, 'two', null]});
	const text = readFileSync(path, 'utf8');
	t.notThrows(() => JSON.parse(text));
	for (let at = 0; at < text.length; at++) {
		writeFileSync(path, text.slice(0, at));
		t.is(readSealed(path), undefined);
		writeFileSync(path, `${text.slice(0, at)}${text[at] === '1' ? '2' : '1'}${text.slice(at + 1)}`);
		t.is(readSealed(path), undefined);
	}
});

test('what is only offered to the memo needs no room in the store', (t) => {
	const {memo, directory} = openStore(`${scratch(t)}/store`);
	memo.offer('key', [1]);
	t.deepEqual(memo.get('key'), [1]);
	rmSync(`${directory}/memo`, {recursive: true});
	t.notThrows(() => memo.offer('key', [2]));
	t.throws(() => memo.set('key', [2]));
	t.is(memo.get('key'), undefined);
});

test('a step is a hit for its parent only, and only while its layer is there', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const diffId = diffIdOf('layer');
	t.false(store.steps.hasAny(operation));
	store.steps.put(operation, emptyChain, {diffId, note: 'x'});
	t.true(store.steps.hasAny(operation));
	t.is(store.steps.get(operation, emptyChain), undefined);
	await store.layers.publish({diffId, size: 10, directory: makeDirectory(store, 'one')});
	t.deepEqual(store.steps.get(operation, emptyChain), {diffId, note: 'x'});
	t.is(store.steps.get(operation, sha256('other') as string as ChainId), undefined);
	store.steps.put(operation, emptyChain, {diffId: null});
	t.deepEqual(store.steps.get(operation, emptyChain), {diffId: null});
	writeFileSync(`${store.directory}/steps/${hexOf(operation)}/scratch.json`, '{}');
	t.is(store.steps.get(operation, emptyChain), undefined);
});

test('publishing the same layer twice keeps the first directory and adds a blob', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const diffId = diffIdOf('layer');
	const first = await store.layers.publish({diffId, size: 3, directory: makeDirectory(store, 'one')});
	const second = await store.layers.publish({diffId, size: 3, directory: makeDirectory(store, 'two')});
	t.is(first.directory, second.directory);
	t.is(readFileSync(`${second.directory}/file`, 'utf8'), 'one');
	t.true(readdirSync(`${store.directory}/run`).includes('two'));
	const blob = {mediaType: 'x', ...store.blobs.putBytes('abc')};
	t.deepEqual((await store.layers.publish({diffId, size: 3, blob})).blob, blob);
	t.is(store.layers.get(diffId)?.directory, first.directory);
});

test('a directory of another boot is a hit, but not verified until somebody has looked at it', async (t) => {
	const top = `${scratch(t)}/store`;
	const before = openStore(top, () => 'first boot');
	const after = openStore(top, () => 'second boot');
	const diffId = diffIdOf('layer');
	t.true((await before.layers.publish({diffId, size: 3, directory: makeDirectory(before, 'one')})).verified);
	before.steps.put(operation, emptyChain, {diffId});
	t.like(after.layers.get(diffId), {verified: false, size: 3, directory: before.layers.get(diffId)?.directory});
	t.deepEqual(after.steps.get(operation, emptyChain), {diffId});
	const blob = {mediaType: 'x', ...after.blobs.putBytes('abc')};
	t.like(await after.layers.publish({diffId, size: 3, blob}), {verified: false, blob});
	t.like(await after.layers.settle(diffId, true), {verified: true, blob});
	t.false(before.layers.get(diffId)?.verified);
	// What is verified is not thrown away because somebody else saw the state before.
	t.like(await after.layers.settle(diffId, false), {verified: true});
});

test('a directory of another boot that is damaged goes, its blob stays, and a new one replaces it', async (t) => {
	const top = `${scratch(t)}/store`;
	const before = openStore(top, () => 'first boot');
	const after = openStore(top, () => 'second boot');
	const [bare, packed, replaced] = [diffIdOf('bare'), diffIdOf('packed'), diffIdOf('replaced')];
	const blob = {mediaType: 'x', ...before.blobs.putBytes('abc')};
	await before.layers.publish({diffId: bare, size: 3, directory: makeDirectory(before, 'one')});
	await before.layers.publish({diffId: packed, size: 3, directory: makeDirectory(before, 'two'), blob});
	await before.layers.publish({diffId: replaced, size: 3, directory: makeDirectory(before, 'three')});
	before.steps.put(operation, emptyChain, {diffId: bare});
	t.is(await after.layers.settle(bare, false), undefined);
	t.is(after.layers.get(bare), undefined);
	t.is(after.steps.get(operation, emptyChain), undefined);
	t.deepEqual(await after.layers.settle(packed, false), {diffId: packed, size: 3, verified: true, blob});
	const fresh = await after.layers.publish({diffId: replaced, size: 3, directory: makeDirectory(after, 'four')});
	t.true(fresh.verified);
	t.is(readFileSync(`${fresh.directory}/file`, 'utf8'), 'four');
});

test('a layer index comes back as it was, a damaged one not at all', (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const diffId = diffIdOf('layer');
	const entries = [
		{path: 'a\n\u00ff' as RawPath, type: 'file', mode: 0o644, uid: 0, gid: 0, size: 3, mtime: -1, xattrs: {'user.x': '\u0000\u00ff'}},
		{path: 'b' as RawPath, type: 'symlink', mode: 0o777, uid: 0, gid: 0, size: 0, mtime: 0, link: 'a'},
	] as const;
	store.layers.writeIndex(diffId, entries);
	t.deepEqual(store.layers.readIndex(diffId), [...entries]);
	const path = `${store.directory}/index/${hexOf(diffId)}.jsonl`;
	const text = readFileSync(path, 'utf8');
	for (const damaged of [text.replace('420', '421'), text.slice(0, 20), '', text.slice(text.indexOf('\n') + 1)]) {
		writeFileSync(path, damaged);
		t.is(store.layers.readIndex(diffId), undefined);
	}
});

test('prune takes caches of mounts that are old or all, and leaves those in use', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const home = `${store.directory}/mounts/name`;
	for (const number of [0, 1, 2]) {
		mkdirSync(`${home}/${number}`, {recursive: true});
		writeFileSync(`${home}/${number}.lock`, '');
	}
	utimesSync(`${home}/1.lock`, 1, 1);
	t.like(await prune(store, {}, trees), {caches: 0});
	t.like(await prune(store, {olderThan: 1e6}, trees), {caches: 1, bytes: 7});
	t.deepEqual(readdirSync(home), ['0', '0.lock', '1.lock', '2', '2.lock']);
	const used = lockFile(`${home}/2.lock`, {shared: true});
	t.like(await prune(store, {all: true}, trees), {caches: 1});
	t.deepEqual(readdirSync(home), ['0.lock', '1.lock', '2', '2.lock']);
	used?.release();
	t.like(await prune(store, {all: true}, trees), {caches: 1});
	t.deepEqual(
		readdirSync(`${store.directory}/layers`).filter((name) => name.startsWith('.trash')),
		[],
	);
});

test('prune without options keeps the cache, with `all` only what tags and live builds need', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const [kept, cached, pinned] = [diffIdOf('kept'), diffIdOf('cached'), diffIdOf('pinned')];
	for (const [name, diffId] of [
		['k', kept],
		['c', cached],
		['p', pinned],
	] as const) {
		await store.layers.publish({diffId, size: 1000, directory: makeDirectory(store, name)});
		store.steps.put(operation, sha256(name) as string as ChainId, {diffId});
	}
	const config = {
		mediaType: 'application/vnd.oci.image.config.v1+json',
		...store.blobs.putBytes(`{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["${kept}"]}}`),
	};
	const layer = {mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256('kept'), size: 1000};
	const manifest = store.blobs.putBytes(JSON.stringify({schemaVersion: 2, config, layers: [layer]}));
	await store.images.tag('docker.io/library/app:latest', {mediaType: 'application/vnd.oci.image.manifest.v1+json', ...manifest});
	const stray = store.blobs.putBytes('stray');
	const live = await startLiveBuild(store.directory);
	live.pin([pinned]);
	age(store, [kept, cached, pinned], [stray.digest]);
	t.like(await prune(store, {}, trees), {layers: 0, blobs: 1, steps: 0});
	t.false(store.blobs.has(stray));
	t.like(await usage(store), {layers: {count: 3, bytes: 3000}, reclaimable: 2000});
	t.like(await prune(store, {all: true}, trees), {layers: 1, blobs: 0, steps: 1, bytes: 1000});
	t.not(store.layers.get(kept), undefined);
	t.not(store.layers.get(pinned), undefined);
	t.is(store.layers.get(cached), undefined);
	live.release();
	t.like(await prune(store, {keepBytes: 1500}, trees), {layers: 1});
	t.is(store.layers.get(pinned), undefined);
	t.not(store.images.resolve('docker.io/library/app:latest'), undefined);
	t.deepEqual(
		readdirSync(`${store.directory}/run`),
		['.lock', 'k', 'c', 'p'].filter((name) => name === '.lock'),
	);
});

/** Makes records and blobs an hour old: what a live build has just made is never pruned. */
function age(store: Store, diffIds: readonly DiffId[], blobs: readonly string[]): void {
	const then = Date.now() / 1000 - 3600;
	for (const diffId of diffIds) utimesSync(`${store.directory}/layers/${hexOf(diffId)}/record.json`, then, then);
	for (const digest of blobs) utimesSync(`${store.directory}/blobs/sha256/${digest.slice(7)}`, then, then);
	const directory = `${store.directory}/steps/${hexOf(operation)}`;
	for (const name of readdirSync(directory)) utimesSync(`${directory}/${name}`, then, then);
}
