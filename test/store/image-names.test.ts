import {execFile} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {promisify} from 'node:util';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
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
