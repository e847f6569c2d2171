import type {ChildProcess} from 'node:child_process';
import {readdirSync} from 'node:fs';
import type {IncomingMessage, ServerResponse} from 'node:http';
import test, {type ExecutionContext} from 'ava';
import type {RawPath} from '../../src/core/raw-path.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {makeTar, member} from '../support/make-tar.ts';
import {blobOf, imageOf, noise, type TestBlob} from '../support/registry-support.ts';
import {giving, refusing, scriptedRegistry, type ScriptedRegistry} from '../support/scripted-registry.ts';
import {type Ended, Workplace} from '../support/workplace.ts';

type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

/** Longer than anything here takes, shorter than what hangs. */
const longest = 25_000;
const half = 1_500_000;

function layerOf(seed: number): TestBlob {
	return blobOf(makeTar([member('file', `file${seed}` as RawPath, noise(2 * half, seed).toString('latin1'))]));
}

/** A registry whose image `a/b:1` has these layers; how they are given is the test's. */
async function serving(t: ExecutionContext, layers: readonly TestBlob[], handlers: readonly Handler[]): Promise<ScriptedRegistry> {
	const {config, manifest} = imageOf(
		layers,
		layers.map(({digest}) => digest),
	);
	const document = giving(manifest, {'content-type': mediaTypes.manifest, 'docker-content-digest': blobOf(manifest).digest});
	return scriptedRegistry(t, {
		'/v2/a/b/manifests/1': document,
		[`/v2/a/b/manifests/${blobOf(manifest).digest}`]: document,
		[`/v2/a/b/blobs/${config.digest}`]: giving(config.bytes),
		...Object.fromEntries(
			layers.map(({digest}, at) => [`/v2/a/b/blobs/${digest}`, handlers[at] ?? refusing(500, 'UNKNOWN', 'no handler')]),
		),
	});
}

function workplace(t: ExecutionContext): Workplace {
	const place = new Workplace();
	t.teardown(() => place.remove());
	return place;
}

/** The first half, and then nothing more on this connection. */
const stalled =
	({bytes}: TestBlob, began: () => void = () => {}): Handler =>
	(_, response) => {
		response.writeHead(200, {'content-length': bytes.length});
		response.write(bytes.subarray(0, half), began);
	};

/** The first half, then the connection breaks; the rest is refused. */
const broken =
	({bytes}: TestBlob): Handler =>
	(request, response, count) => {
		if (count > 0) return refusing(403, 'DENIED', 'not any more')(request, response, count);
		response.writeHead(200, {'content-length': bytes.length});
		response.write(bytes.subarray(0, half), () => setTimeout(() => response.destroy(), 300));
	};

test('a layer that is refused after its first half ends the command with the reason', async (t) => {
	const layer = layerOf(1);
	const commands: Readonly<Record<string, (place: Workplace, name: string) => Promise<Ended>>> = {
		pull: (place, name) => place.boxbuild(['pull', name], {longest}),
		build: (place, name) => place.build({Boxfile: `FROM ${name}\nWORKDIR /made\n`}, [], {longest}),
	};
	for (const [command, run] of Object.entries(commands)) {
		const {host} = await serving(t, [layer], [broken(layer)]);
		const ended = await run(workplace(t), `${host}/a/b:1`);
		t.is(ended.signal, null, `${command} hangs`);
		t.regex(ended.stderr, /registry\/denied/v);
		t.is(ended.code, 2);
	}
});

test('an interrupted command ends, whatever the registry does', async (t) => {
	const layer = layerOf(1);
	for (const command of ['pull', 'build', 'fetch'] as const) {
		let child: ChildProcess | undefined;
		const began = (): void => void setTimeout(() => child?.kill('SIGINT'), 500);
		const {host} = await serving(t, [layer], [stalled(layer, began)]);
		const name = `${host}/a/b:1`;
		const place = workplace(t);
		const started = (process: ChildProcess): void => void (child = process);
		const ended =
			command === 'build'
				? await place.build({Boxfile: `FROM ${name}\nWORKDIR /made\n`}, [], {longest, started})
				: await place.boxbuild(['pull', ...(command === 'fetch' ? ['--fetch-only'] : []), name], {longest, started});
		t.is(ended.signal, null, `${command} hangs`);
		t.is(ended.code, 130);
		t.true(ended.milliseconds < 15_000, `${command} took ${ended.milliseconds} ms`);
	}
});

test('one layer that is refused ends the others, too', async (t) => {
	const [one, other] = [layerOf(1), layerOf(2)] as const;
	for (const more of [['--fetch-only'], []]) {
		const {host} = await serving(
			t,
			[one, other],
			[stalled(one), (request, response, count) => void setTimeout(() => refusing(403, 'DENIED', 'no')(request, response, count), 500)],
		);
		const ended = await workplace(t).boxbuild(['pull', ...more, `${host}/a/b:1`], {longest});
		t.is(ended.signal, null, 'it hangs');
		t.regex(ended.stderr, /registry\/denied/v);
		t.is(ended.code, 2);
		t.true(ended.milliseconds < 15_000, `it took ${ended.milliseconds} ms`);
	}
});

test('a name stays that of the image before when the layers of the next one do not come', async (t) => {
	const [one, other] = [layerOf(1), layerOf(2)] as const;
	const {manifest, config} = imageOf([one], [one.digest]);
	const next = imageOf([other], [other.digest]);
	let current = manifest;
	const document: Handler = (...given) => giving(current, {'content-type': mediaTypes.manifest})(...given);
	const {host} = await scriptedRegistry(t, {
		'/v2/a/b/manifests/1': document,
		...Object.fromEntries([manifest, next.manifest].map((bytes) => [`/v2/a/b/manifests/${blobOf(bytes).digest}`, document])),
		...Object.fromEntries([config, next.config, one].map(({digest, bytes}) => [`/v2/a/b/blobs/${digest}`, giving(bytes)])),
		[`/v2/a/b/blobs/${other.digest}`]: broken(other),
	});
	const place = workplace(t);
	const name = `${host}/a/b:1`;
	t.is((await place.boxbuild(['pull', name], {longest})).code, 0);
	current = next.manifest;
	for (const more of [['--fetch-only'], []]) {
		const failed = await place.boxbuild(['pull', ...more, name], {longest});
		t.is(failed.code, 2, failed.stderr);
		t.is(JSON.parse((await place.boxbuild(['inspect', name])).stdout).digest, blobOf(manifest).digest);
	}
	t.deepEqual(
		readdirSync(`${place.store}/run`).filter((entry) => /^[0-9a-f]{16}$/v.test(entry)),
		[],
	);
});
