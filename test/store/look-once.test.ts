import test from 'ava';
import {rmSync} from 'node:fs';
import {blobOfDiffId} from '../../src/store/layer-store.ts';
import {lookOnce} from '../../src/store/look-once.ts';
import {openStore} from '../../src/store/open-store.ts';
import {diffIdOf, makeDirectory, scratch} from '../support/store-support.ts';

test('a layer with a directory is looked at once, and again when something was added to it', async (t) => {
	const {layers, directory, blobs} = openStore(`${scratch(t)}/store`);
	const seen = lookOnce(layers);
	const diffId = diffIdOf('layer');
	t.is(seen.get(diffId), undefined);
	const published = await layers.publish({diffId, size: 3, directory: makeDirectory({directory}, 'one')});
	t.deepEqual(seen.get(diffId), published);
	const {size} = blobs.putBytes('layer');
	await seen.publish({diffId, size: 3, blob: blobOfDiffId(diffId, size)});
	t.is(seen.get(diffId)?.blob?.size, size);
	rmSync(`${directory}/layers`, {recursive: true});
	t.is(layers.get(diffId), undefined);
	t.is(seen.get(diffId)?.blob?.size, size);
});

test('a layer that is only a blob may get a directory at any time', async (t) => {
	const {layers, directory, blobs} = openStore(`${scratch(t)}/store`);
	const seen = lookOnce(layers);
	const diffId = diffIdOf('layer');
	await layers.publish({diffId, size: 3, blob: blobOfDiffId(diffId, blobs.putBytes('layer').size)});
	t.is(seen.get(diffId)?.directory, undefined);
	const {directory: path} = await layers.publish({diffId, size: 3, directory: makeDirectory({directory}, 'one')});
	t.is(seen.get(diffId)?.directory, path);
});
