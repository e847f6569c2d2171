import {gzipSync} from 'node:zlib';
import {appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {chainOf, type DiffId, hexOf, sha256} from '../../src/core/digest.ts';
import {makeImageConfig, printImageConfig} from '../../src/oci/make-image-config.ts';
import {makeManifest, parseManifest} from '../../src/oci/manifest.ts';
import type {Descriptor} from '../../src/oci/descriptor.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {noteDocuments, recallDocuments} from '../../src/sources/known-documents.ts';
import {resolveBase} from '../../src/sources/resolve-base.ts';
import type {ResolvedBase} from '../../src/sources/source.ts';
import type {ImageLayer} from '../../src/store/known-layers.ts';
import {openBuildStore, openStore, type Store} from '../../src/store/open-store.ts';
import {platform} from '../support/image-support.ts';
import {codeOf, diffIdOf, makeDirectory, scratch} from '../support/store-support.ts';

const name = 'localhost/many:1';

/** An image in the store: a plain tar as a directory, others as blobs, one with annotations. */
async function storedImage(t: ExecutionContext): Promise<Store> {
	const store = openStore(`${scratch(t)}/store`);
	const own = diffIdOf('own');
	await store.layers.publish({diffId: own, size: 3, directory: makeDirectory(store, 'own')});
	const layers: (ImageLayer & {readonly blob: Descriptor})[] = [
		{diffId: own, blob: {mediaType: mediaTypes.layer, digest: sha256('own'), size: 3}},
	];
	for (let at = 0; at < 10; at++) {
		const [plain, packed] = [`layer ${at}`, gzipSync(`layer ${at}`)];
		const noted = at === 4 ? {annotations: {note: 'sha256:'}} : {};
		const [mediaType, bytes] = at % 2 === 0 ? [mediaTypes.layer, plain] : [mediaTypes.dockerLayerGzip, packed];
		layers.push({diffId: diffIdOf(plain), blob: {mediaType, ...store.blobs.putBytes(bytes), ...noted}});
	}
	const config = makeImageConfig({
		platform,
		config: {Env: ['A=b']},
		diffIds: layers.map(({diffId}) => diffId),
		history: layers.map((_, at) => ({created_by: `step ${at}`})),
	});
	const described = {mediaType: mediaTypes.config, ...store.blobs.putBytes(printImageConfig(config))};
	const manifest = store.blobs.putBytes(makeManifest({config: described, layers: layers.map(({blob}) => blob)}));
	await store.images.tag(name, {mediaType: mediaTypes.manifest, ...manifest});
	return store;
}

function resolve({directory}: Store): Promise<ResolvedBase> {
	return resolveBase({kind: 'name', name}, {store: openBuildStore(directory), platform, epoch: 0, directory});
}

test('an image that is resolved again is the same, without its documents being read', async (t) => {
	const store = await storedImage(t);
	const first = await resolve(store);
	t.is(first.layers.length, 11);
	t.is(first.layers[0]?.blob, undefined);
	t.deepEqual(first.layers[5]?.blob?.annotations, {note: 'sha256:'});
	t.is(first.chain, chainOf(first.config.rootfs.diff_ids));
	t.deepEqual(await resolve(store), first);
	const manifest = store.images.resolve(name);
	if (manifest === undefined) throw new Error('it has no name');
	const path = store.blobs.path(manifest.digest);
	writeFileSync(path, 'x'.repeat(manifest.size));
	t.deepEqual(await resolve(store), first);
});

test('a note of an image names no digest in full but those of its layers, so that it keeps nothing else from being pruned', async (t) => {
	const store = await storedImage(t);
	const {config, digest} = await resolve(store);
	const memo = `${store.directory}/memo`;
	const texts = readdirSync(memo).flatMap((file) => (file.endsWith('.json') ? readFileSync(`${memo}/${file}`, 'utf8') : []));
	const named = new Set(texts.flatMap((text) => text.match(/sha256:[0-9a-f]{64}/gv) ?? []));
	t.true(texts.some((text) => text.includes(hexOf(digest))));
	t.deepEqual(
		[...named].toSorted().filter((one) => one !== chainOf(config.rootfs.diff_ids)),
		[...config.rootfs.diff_ids].toSorted() as readonly string[],
	);
});

test('an image whose documents or layers are gone is not resolved because it once was', async (t) => {
	const store = await storedImage(t);
	const {digest, layers} = await resolve(store);
	const {size = 0} = store.images.resolve(name) ?? {};
	const config = parseManifest(store.blobs.read({digest, size})).value?.config.digest ?? digest;
	for (const lost of [digest, config, layers[3]?.blob?.digest ?? digest, layers[4]?.blob?.digest ?? digest]) {
		const path = store.blobs.path(lost);
		const bytes = readFileSync(path);
		rmSync(path);
		t.is(await codeOf(() => resolve(store)), 'store/blob-missing');
		writeFileSync(path, bytes);
		t.is((await resolve(store)).layers.length, 11);
	}
	rmSync(`${store.directory}/layers/${hexOf(diffIdOf('own'))}`, {recursive: true});
	t.is(await codeOf(() => resolve(store)), 'store/blob-missing');
});

test('damaged notes of an image are as good as none', async (t) => {
	const store = await storedImage(t);
	const first = await resolve(store);
	const memo = `${store.directory}/memo`;
	for (const file of readdirSync(memo)) appendFileSync(`${memo}/${file}`, ' ');
	t.deepEqual(await resolve(store), first);
	t.deepEqual(await resolve(store), first);
});

test('documents come back as they were noted, for the manifest with that type and size only', (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const ids = ['a', 'b', 'c'].map((text) => sha256(text) as string as DiffId);
	const config = makeImageConfig({platform, config: {}, diffIds: ids, history: []});
	const layers = ids.map((_, at) => ({
		mediaType: at === 0 ? mediaTypes.layer : mediaTypes.dockerLayer,
		digest: sha256('abc'[at] ?? ''),
		size: at,
	}));
	const described = {mediaType: mediaTypes.config, ...store.blobs.putBytes(printImageConfig(config))};
	const manifest = {mediaType: mediaTypes.manifest, ...store.blobs.putBytes(makeManifest({config: described, layers}))};
	t.is(recallDocuments(store, manifest), undefined);
	const documents = {config, source: described, blobs: layers, chain: chainOf(ids)};
	noteDocuments(store, manifest, documents);
	t.deepEqual(recallDocuments(store, manifest), documents);
	t.is(recallDocuments(store, {...manifest, mediaType: mediaTypes.dockerManifest}), undefined);
	t.is(recallDocuments(store, {...manifest, size: 1}), undefined);
});
