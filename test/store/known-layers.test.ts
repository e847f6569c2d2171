import {appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {type DiffId, hexOf, sha256} from '../../src/core/digest.ts';
import {startLiveBuild} from '../../src/store/live-builds.ts';
import {type ImageLayer, noteLayers, type Observer, recallLayers} from '../../src/store/known-layers.ts';
import {blobOfDiffId, layerHome} from '../../src/store/layer-store.ts';
import {openBuildStore, openStore, type Store} from '../../src/store/open-store.ts';
import {moveLayerAside} from '../../src/store/prune.ts';
import {withdraw} from '../../src/store/withdraw.ts';
import {readBootId} from '../../src/store/boot-id.ts';
import {diffIdOf, makeDirectory, scratch} from '../support/store-support.ts';

const image = sha256('image');

/** Somebody who begins to look when everything has happened that has. */
function later(): Observer {
	return {bootId: readBootId(), since: Date.now() + 5000};
}

interface Known {
	readonly store: Store;
	readonly layers: readonly ImageLayer[];
	readonly recall: (observer?: Observer) => readonly ImageLayer[] | undefined;
}

/** A store in which ten layers are noted; the last has a blob. */
async function noted(t: ExecutionContext, observer = later()): Promise<Known> {
	const store = openStore(`${scratch(t)}/store`);
	const layers: ImageLayer[] = [];
	for (let at = 0; at < 10; at++) {
		const diffId = diffIdOf(`layer ${at}`);
		const blob = at === 9 ? blobOfDiffId(diffId, store.blobs.putBytes('layer 9').size) : undefined;
		const directory = makeDirectory(store, `d${at}`);
		await store.layers.publish({diffId, size: 100 + at, directory, ...(blob === undefined ? {} : {blob})});
		layers.push({diffId, ...(blob === undefined ? {} : {blob})});
	}
	noteLayers(store, image, layers, observer);
	return {store, layers, recall: (who = later()) => recallLayers(openBuildStore(store.directory), image, layers, who)};
}

const firstOf = ({layers}: Known): DiffId => layers[0]?.diffId ?? diffIdOf('');

test('layers that were noted are known to the store of a build without reading their records', async (t) => {
	const {store, layers} = await noted(t);
	const expected = layers.map(({diffId}) => store.layers.get(diffId));
	const again = openBuildStore(store.directory);
	t.deepEqual(recallLayers(again, image, layers, later()), layers);
	for (const {diffId} of layers) rmSync(`${layerHome(store.directory, diffId)}/record.json`);
	t.deepEqual(
		layers.map(({diffId}) => again.layers.get(diffId)),
		expected,
	);
});

test('nothing is known of a few layers, of another image, of another number of layers and to another boot', async (t) => {
	const {store, layers, recall} = await noted(t);
	t.is(recallLayers(store, sha256('other'), layers, later()), undefined);
	t.is(recallLayers(store, image, layers.slice(1), later()), undefined);
	t.is(recall({...later(), bootId: 'another'}), undefined);
	const few = layers.slice(0, 3);
	noteLayers(store, sha256('few'), few, later());
	t.is(recallLayers(store, sha256('few'), few, later()), undefined);
	t.not(recall(), undefined);
});

test('what has changed since the process looks at the store is not noted', async (t) => {
	const {recall} = await noted(t, {bootId: readBootId(), since: Date.now()});
	t.is(recall(), undefined);
});

test('a layer without a directory is not noted, and one whose blob the store lacks neither', async (t) => {
	const {store, layers} = await noted(t);
	const bare = diffIdOf('bare');
	const blob = blobOfDiffId(bare, store.blobs.putBytes('bare').size);
	await store.layers.publish({diffId: bare, size: 1, blob});
	const lost = {diffId: layers[0]?.diffId ?? bare, blob: {...blob, digest: sha256('lost')}};
	for (const more of [{diffId: bare, blob}, lost, {diffId: diffIdOf('never')}]) {
		noteLayers(store, sha256('more'), [...layers, more], later());
		t.is(recallLayers(store, sha256('more'), [...layers, more], later()), undefined);
	}
});

for (const [what, lose] of [
	['was pruned', ({store}, diffId) => void moveLayerAside(store.directory, hexOf(diffId))],
	['is unfinished', ({store}, diffId) => rmSync(`${layerHome(store.directory, diffId)}/record.json`)],
	['lost its directory', ({store}, diffId) => rmSync(`${layerHome(store.directory, diffId)}/fs`, {recursive: true})],
	['was made again', remake],
] as const satisfies readonly (readonly [string, (known: Known, diffId: DiffId) => unknown])[]) {
	test(`a layer that ${what} does not count as known`, async (t) => {
		const known = await noted(t);
		t.not(known.recall(), undefined);
		await lose(known, firstOf(known));
		// Layers come and go.
		mkdirSync(`${known.store.directory}/layers/other`);
		t.is(known.recall(), undefined);
	});
}

test('a layer whose directory is gone does not count as known although no layer has come or gone', async (t) => {
	const known = await noted(t);
	t.not(known.recall(), undefined);
	rmSync(`${layerHome(known.store.directory, firstOf(known))}/fs`, {recursive: true});
	t.is(known.recall(), undefined);
});

test('a layer that was withdrawn does not count as known', async (t) => {
	const known = await noted(t);
	const live = await startLiveBuild(known.store.directory);
	await withdraw(known.store, {blobs: new Set(), layers: new Set([firstOf(known)])}, async (path) => rmSync(path, {recursive: true}));
	live.release();
	t.is(known.recall(), undefined);
});

test('a blob that is gone, or has another size, makes the layers unknown', async (t) => {
	const {store, layers, recall} = await noted(t);
	const path = store.blobs.path(layers[9]?.blob?.digest ?? image);
	appendFileSync(path, 'more');
	t.is(recall(), undefined);
	rmSync(path);
	t.is(recall(), undefined);
	writeFileSync(path, 'layer 9');
	t.deepEqual(recall(), layers);
});

test('layers that come and go beside them change nothing', async (t) => {
	const {store, layers, recall} = await noted(t);
	for (let at = 0; at < 3; at++) {
		const diffId = diffIdOf(`beside ${at}`);
		await store.layers.publish({diffId, size: 1, directory: makeDirectory(store, `b${at}`)});
		t.deepEqual(recall(), layers);
		moveLayerAside(store.directory, hexOf(diffId));
		t.deepEqual(recall(), layers);
		// Noted with the look of now, or not at all.
		t.deepEqual(recall({...later(), since: 0}), layers);
	}
});

test('a damaged note says nothing', async (t) => {
	const {store, recall} = await noted(t);
	const directory = `${store.directory}/memo`;
	for (const name of readdirSync(directory)) appendFileSync(`${directory}/${name}`, ' ');
	t.is(recall(), undefined);
});

/** The same layer as another prune and another build leave it. */
async function remake({store}: Known, diffId: DiffId): Promise<void> {
	const home = layerHome(store.directory, diffId);
	renameSync(home, `${home}.old`);
	await store.layers.publish({diffId, size: 7, directory: makeDirectory(store, 'again')});
	rmSync(`${home}.old`, {recursive: true});
}
