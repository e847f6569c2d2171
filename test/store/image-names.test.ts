import {execFile} from 'node:child_process';
import {readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {promisify} from 'node:util';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {documentLimit} from '../../src/oci/bounded-json.ts';
import {indexText} from '../../src/store/index-text.ts';
import {openStore} from '../../src/store/open-store.ts';
import {codeOf, scratch} from '../support/store-support.ts';

const execute = promisify(execFile);
const manifest = {mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256('m'), size: 1};

test('a name moves from one manifest to another and can be taken away', async (t) => {
	const {images} = openStore(`${scratch(t)}/store`);
	t.is(images.resolve('a'), undefined);
	await images.tag('a', manifest);
	await images.tag('b', manifest);
	await images.tag('a', {...manifest, digest: sha256('other')});
	t.is(images.resolve('a')?.digest, sha256('other'));
	t.deepEqual(
		images.list().map(({name}) => name),
		['a', 'b'],
	);
	t.true(await images.untag('a'));
	t.false(await images.untag('a'));
	t.deepEqual(
		images.list().map(({name}) => name),
		['b'],
	);
});

test('a damaged list of images is an error', async (t) => {
	const {images, directory} = openStore(`${scratch(t)}/store`);
	writeFileSync(`${directory}/index.json`, '{"schemaVersion":2,');
	t.is(await codeOf(() => images.list()), 'store/index-damaged');
	t.is(await codeOf(() => images.resolve('a')), 'store/index-damaged');
	t.is(await codeOf(() => images.tag('a', manifest)), 'store/index-damaged');
	writeFileSync(`${directory}/index.json`, '');
	t.is(await codeOf(() => images.resolve('a')), 'store/index-damaged');
});

test('a list of images that was damaged after it was written is an error wherever the damage is', async (t) => {
	const {images, directory} = openStore(`${scratch(t)}/store`);
	for (const name of ['a', 'b', 'c']) await images.tag(name, manifest);
	t.is(images.resolve('b')?.digest, manifest.digest);
	const text = readFileSync(`${directory}/index.json`, 'utf8');
	writeFileSync(`${directory}/index.json`, text.replace(manifest.digest, 'sha256:beef'));
	t.is(await codeOf(() => images.resolve('b')), 'store/index-damaged');
	t.is(await codeOf(() => openStore(directory).images.resolve('b')), 'store/index-damaged');
});

test('a list that another tool has written counts at once, however it is laid out', async (t) => {
	const {images, directory} = openStore(`${scratch(t)}/store`);
	await images.tag('a', manifest);
	const [one, two] = [sha256('one'), sha256('two')];
	const entry = (name: string | undefined, digest: string): unknown => ({
		...manifest,
		digest,
		urls: ['https://example.org'],
		...(name === undefined ? {} : {annotations: {'org.opencontainers.image.ref.name': name, note: '},{"annotations":{'}}),
	});
	const foreign = {schemaVersion: 2, manifests: [entry('b', one), entry('a', one), entry(undefined, two), entry('a', two)]};
	for (const text of [JSON.stringify(foreign), JSON.stringify(foreign, null, 4), `${JSON.stringify(foreign)}\n`]) {
		writeFileSync(`${directory}/index.json`, text);
		t.is(images.resolve('a')?.digest, one);
		t.is(openStore(directory).images.resolve('b')?.digest, one);
		t.is(images.resolve('c'), undefined);
	}
	await images.tag('a', {...manifest, digest: two});
	t.deepEqual(
		images.list().map(({name, manifest: {digest}}) => [name, digest]),
		[
			['a', two],
			['b', one],
		],
	);
	t.is(images.resolve('a')?.annotations?.['note'], undefined);
	t.is(images.resolve('b')?.annotations?.['note'], '},{"annotations":{');
});

test('what was noted of the list of images may be missing, damaged or of another list', async (t) => {
	const {images, directory} = openStore(`${scratch(t)}/store`);
	await images.tag('a', manifest);
	const before = readFileSync(`${directory}/index.json`);
	await images.tag('b', manifest);
	const note = readdirSync(`${directory}/memo`).find((name) => name.endsWith('.index')) ?? '';
	const after = readFileSync(`${directory}/memo/${note}`, 'utf8');
	const look = (): readonly unknown[] => {
		const again = openStore(directory);
		return ['a', 'b'].map((name) => again.images.resolve(name)?.digest);
	};
	for (const text of ['', '{', after.replace('sha256:', 'sha512:'), after.slice(0, -1)]) {
		writeFileSync(`${directory}/memo/${note}`, text);
		t.deepEqual(look(), [manifest.digest, manifest.digest]);
		// It is noted again.
		t.is(readFileSync(`${directory}/memo/${note}`, 'utf8'), after);
	}
	rmSync(`${directory}/memo/${note}`);
	t.deepEqual(look(), [manifest.digest, manifest.digest]);
	// A copy of the store's list that somebody has put back.
	writeFileSync(`${directory}/index.json`, before);
	t.deepEqual(look(), [manifest.digest, undefined]);
});

test('a store may have more images than fit into a document of somebody else', async (t) => {
	const {images, directory} = openStore(`${scratch(t)}/store`);
	const many = Array.from({length: 20_000}, (_, at) => ({name: `localhost/image-${at}:1`, manifest}));
	writeFileSync(`${directory}/index.json`, indexText(many));
	t.true(readFileSync(`${directory}/index.json`).length > documentLimit);
	t.is(images.resolve('localhost/image-12345:1')?.digest, manifest.digest);
	await images.tag('localhost/image-12345:1', {...manifest, digest: sha256('other')});
	t.is(openStore(directory).images.resolve('localhost/image-12345:1')?.digest, sha256('other'));
	t.is(images.list().length, many.length);
});

test('processes that tag at once lose no name', async (t) => {
	const directory = `${scratch(t)}/store`;
	const script = `
		import {openStore} from ${JSON.stringify(new URL('../../src/store/open-store.js', import.meta.url).href)};
		const {images} = openStore(process.argv[1]);
		for (let at = 0; at < 20; at++) await images.tag(process.argv[2] + at, ${JSON.stringify(manifest)});
	`;
	await Promise.all(['x', 'y', 'z'].map((prefix) => execute(process.execPath, ['--input-type=module', '-e', script, directory, prefix])));
	t.is(openStore(directory).images.list().length, 60);
});
