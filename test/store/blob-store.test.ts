import {spawn} from 'node:child_process';
import {appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {openStore} from '../../src/store/open-store.ts';
import {codeOf, collect, scratch, streamOf} from '../support/store-support.ts';

test('a stored stream is read back byte for byte', async (t) => {
	const {blobs} = openStore(`${scratch(t)}/store`);
	const blob = await blobs.write(streamOf('hello ', 'world'));
	t.is(blob.digest, sha256('hello world'));
	t.is((await collect(blobs.open(blob))).toString(), 'hello world');
	t.is(blobs.read(blob).toString(), 'hello world');
});

test('bytes of another digest or size are refused and leave nothing', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const expected = {digest: sha256('hello'), size: 5};
	t.is(await codeOf(() => store.blobs.write(streamOf('hellO'), expected)), 'store/blob-damaged');
	t.is(await codeOf(() => store.blobs.write(streamOf('hello!'), expected)), 'store/blob-damaged');
	t.is(await codeOf(() => store.blobs.write(streamOf('hell'), expected)), 'store/blob-damaged');
	t.deepEqual(readdirSync(`${store.directory}/blobs/sha256`), []);
});

test('bytes may wait in another directory, and leave nothing there', async (t) => {
	const top = scratch(t);
	const {blobs} = openStore(`${top}/store`);
	const directory = `${top}/store/run`;
	const before = readdirSync(directory);
	const large = Buffer.alloc(70 << 20, 'large');
	async function* watched(): AsyncGenerator<Uint8Array> {
		yield large.subarray(0, 40 << 20);
		t.is(readdirSync(directory).length, before.length + 1);
		yield large.subarray(40 << 20);
	}
	const blob = await blobs.write(watched(), undefined, directory);
	t.deepEqual(blob, {digest: sha256(large), size: large.length});
	t.deepEqual(readdirSync(directory), before);
	t.true(blobs.read(blob).equals(large));
	t.is(await codeOf(() => blobs.write(streamOf('other'), blob, directory)), 'store/blob-damaged');
	t.deepEqual(readdirSync(directory), before);
});

test('an input that fails leaves nothing', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	async function* broken(): AsyncGenerator<Uint8Array> {
		yield Buffer.from('a');
		throw new Error('the input broke');
	}
	await t.throwsAsync(() => store.blobs.write(broken()), {message: 'the input broke'});
	t.deepEqual(readdirSync(`${store.directory}/blobs/sha256`), []);
});

test('readers notice changed, cut, longer and missing blobs', async (t) => {
	const {blobs} = openStore(`${scratch(t)}/store`);
	const blob = blobs.putBytes('0123456789');
	const path = blobs.path(blob.digest);
	const both = async (): Promise<(string | undefined)[]> => [
		await codeOf(() => blobs.read(blob)),
		await codeOf(() => collect(blobs.open(blob))),
	];
	for (const read of [() => blobs.read(blob), () => collect(blobs.open(blob))]) {
		writeFileSync(path, '012345678X');
		t.is(await codeOf(read), 'store/blob-damaged');
		// It is gone, so that the next build or import brings it again.
		t.false(blobs.has(blob));
		t.deepEqual(blobs.putBytes('0123456789'), blob);
	}
	appendFileSync(path, 'more');
	t.deepEqual(await both(), ['store/blob-damaged', 'store/blob-damaged']);
	truncateSync(path, 3);
	t.deepEqual(await both(), ['store/blob-damaged', 'store/blob-damaged']);
	t.false(blobs.has(blob));
	t.is(await codeOf(() => blobs.read({digest: sha256('nothing'), size: 1})), 'store/blob-missing');
	t.is(await codeOf(() => collect(blobs.open({digest: sha256('nothing'), size: 1}))), 'store/blob-missing');
});

test('a write that fails in the middle is a diagnostic, and nothing stays', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	// A file size limit makes write(2) fail in the middle (EFBIG).
	const script = `
		import {openStore} from ${JSON.stringify(new URL('../../src/store/open-store.js', import.meta.url).href)};
		process.on('SIGXFSZ', () => {});
		const store = openStore(process.argv[1]);
		async function* large() { for (let at = 0; at < 64; at++) yield Buffer.alloc(65536, at); }
		try { await store.blobs.write(large()); } catch (error) { console.log(error.diagnostics?.[0]?.code ?? error); }
	`;
	const output = await run('sh', [
		'-c',
		'ulimit -f 1024; exec "$0" --input-type=module -e "$1" "$2"',
		process.execPath,
		script,
		store.directory,
	]);
	t.is(output.trim(), 'store/input-output');
	t.deepEqual(readdirSync(`${store.directory}/blobs/sha256`), []);
});

test('a writer that is killed leaves no blob, only a temporary file', async (t) => {
	const store = openStore(`${scratch(t)}/store`);
	const script = `
		import {openStore} from ${JSON.stringify(new URL('../../src/store/open-store.js', import.meta.url).href)};
		const store = openStore(process.argv[1]);
		async function* endless() { for (let at = 0; ; at++) { yield Buffer.alloc(65536); if (at === 20) { process.stdout.write('writing'); await new Promise((done) => setTimeout(done, 60000)); } } }
		await store.blobs.write(endless());
	`;
	const child = spawn(process.execPath, ['--input-type=module', '-e', script, store.directory], {stdio: ['ignore', 'pipe', 'inherit']});
	await new Promise((done) => child.stdout.once('data', done));
	child.kill('SIGKILL');
	await new Promise((done) => child.once('close', done));
	const names = readdirSync(`${store.directory}/blobs/sha256`);
	t.is(names.length, 1);
	t.true(names[0]?.startsWith('.tmp-'));
	t.true(statSync(`${store.directory}/blobs/sha256/${names[0]}`).size > 0);
	t.is(readFileSync(`${store.directory}/version`, 'utf8'), '1\n');
});

function run(program: string, args: readonly string[]): Promise<string> {
	return new Promise((done, fail) => {
		const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'inherit']});
		let output = '';
		child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
		child.once('error', fail);
		child.once('close', () => done(output));
	});
}
