import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {makeManifest} from '../../src/oci/manifest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {noteOrigin, originOf} from '../../src/store/blob-origins.ts';
import {openStore} from '../../src/store/open-store.ts';
import {prune} from '../../src/store/prune.ts';
import {scratch} from '../support/store-support.ts';

const origin = {registry: 'example.org:5000', repository: 'team/base'};
const noTrees = {remove: async () => {}, measure: async () => 0};

test('where a blob can be had is known to later commands, and can change', (t) => {
	const directory = `${scratch(t)}/store`;
	const digest = sha256('layer');
	const {memo} = openStore(directory);
	t.is(originOf(memo, digest), undefined);
	noteOrigin(memo, digest, origin);
	t.deepEqual(originOf(openStore(directory).memo, digest), origin);
	noteOrigin(memo, digest, {registry: 'docker.io', repository: 'library/base'});
	t.deepEqual(originOf(memo, digest), {registry: 'docker.io', repository: 'library/base'});
	memo.set({kind: 'origin', version: 1, digest}, 'https://no name');
	t.is(originOf(memo, digest), undefined);
});

test('prune keeps what an image needs, and keeps no blob for its sake', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const config = {mediaType: mediaTypes.config, ...store.blobs.putBytes('{}')};
	const layer = {mediaType: mediaTypes.layerGzip, digest: sha256('a layer that nobody has fetched'), size: 31};
	const manifest = {mediaType: mediaTypes.manifest, ...store.blobs.putBytes(makeManifest({config, layers: [layer]}))};
	await store.images.tag('docker.io/library/app:latest', manifest);
	const orphan = store.blobs.putBytes('a layer that no image has');
	for (const {digest} of [layer, orphan]) noteOrigin(store.memo, digest, origin);
	await prune(store, {}, noTrees);
	t.false(store.blobs.has(orphan));
	await prune(store, {all: true}, noTrees);
	t.deepEqual(originOf(store.memo, layer.digest), origin);
	t.is(originOf(store.memo, orphan.digest), undefined);
	await store.images.untag('docker.io/library/app:latest');
	await prune(store, {all: true}, noTrees);
	t.is(originOf(store.memo, layer.digest), undefined);
});
