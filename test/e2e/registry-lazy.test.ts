import type {ExecutionContext} from 'ava';
import {existsSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import {busybox, readBusybox} from '../support/busybox.ts';
import {dockerRegistry, startRegistry} from '../support/registry-server.ts';
import {when} from '../support/when.ts';
import {type Ended, Workplace} from '../support/workplace.ts';

function workplace(t: ExecutionContext): Workplace {
	const place = new Workplace();
	t.teardown(() => place.remove());
	return place;
}

async function succeeds(t: ExecutionContext, place: Workplace, ...args: readonly string[]): Promise<Ended> {
	const ended = await place.boxbuild(args, {longest: 60_000});
	t.is(ended.code, 0, `${args.join(' ')}: ${ended.stderr}`);
	return ended;
}

async function refused(t: ExecutionContext, place: Workplace, code: string, ...args: readonly string[]): Promise<Ended> {
	const ended = await place.boxbuild(args, {longest: 60_000});
	t.is(ended.code, 2, ended.stderr);
	t.true(ended.stderr.includes(`error[${code}]`), ended.stderr);
	return ended;
}

when([busybox, dockerRegistry], 'an image whose base nobody has fetched yet is whole for every command', async (t) => {
	const place = workplace(t);
	const {host} = await startRegistry(t, place.fresh('registry'));
	const base = `${host}/team/base:1`;
	const files = {Boxfile: 'FROM scratch\nCOPY bin/busybox /bin/busybox\nCOPY text /text\n', 'bin/busybox': readBusybox(), text: 'here\n'};
	await place.built(t, files, ['-t', base, '--push']);
	const uses: Readonly<Record<string, (store: Workplace) => Promise<unknown>>> = {
		ls: async (store) => t.regex((await succeeds(t, store, 'ls', 'app')).stdout, /text/v),
		cat: async (store) => t.is((await succeeds(t, store, 'cat', 'app', '/text')).stdout, 'here\n'),
		diff: async (store) => t.is((await succeeds(t, store, 'diff', 'app', base)).stdout, ''),
		sbom: async (store) => succeeds(t, store, 'sbom', 'app'),
		async tree(store) {
			const directory = store.fresh('tree');
			await succeeds(t, store, 'export', 'app', '-o', directory);
			t.is(readFileSync(`${directory}/text`, 'utf8'), 'here\n');
		},
		async layout(store) {
			const directory = store.fresh('layout');
			await succeeds(t, store, 'export', 'app', '-o', `type=oci,tar=false,dest=${directory}`);
			t.true(existsSync(`${directory}/index.json`));
		},
		async push(store) {
			await succeeds(t, store, 'push', 'app', `${host}/pushed:1`);
			await succeeds(t, workplace(t), 'pull', `${host}/pushed:1`);
		},
		// Its name is not that of the registry which has the layers.
		async build(store) {
			await store.built(t, {Boxfile: 'FROM app\nRUN ["/bin/busybox", "cp", "/text", "/copy"]\n'}, ['-t', 'next'], {longest: 60_000});
			t.is((await succeeds(t, store, 'cat', 'next', '/copy')).stdout, 'here\n');
		},
	};
	for (const [name, use] of Object.entries(uses)) {
		const store = workplace(t);
		const {stderr} = await store.built(t, {Boxfile: `FROM ${base}\nENV A=b\n`}, ['-t', 'app']);
		t.deepEqual(
			readdirSync(`${store.store}/layers`).filter((hex) => /^[0-9a-f]{64}$/v.test(hex)),
			[],
			`${name}: ${stderr}`,
		);
		await succeeds(t, store, 'rm', base);
		await succeeds(t, store, 'prune', '--all');
		if (name === 'diff') await succeeds(t, store, 'pull', '--fetch-only', base);
		await use(store);
	}
});

when([busybox, dockerRegistry], 'what was pulled for one platform is pushed and exported as that, or not at all', async (t) => {
	const place = workplace(t);
	const {host} = await startRegistry(t, place.fresh('registry'));
	const name = `${host}/multi:1`;
	const files = {Boxfile: 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /about\n', amd64: 'amd64', arm64: 'arm64'};
	await place.built(t, files, ['--platform', 'linux/amd64,linux/arm64', '-t', name, '--push']);
	const store = workplace(t);
	await succeeds(t, store, 'pull', '--platform', 'linux/amd64', name);
	const {stderr} = await refused(t, store, 'cli/platforms-missing', 'push', name, `${host}/copy:1`);
	t.regex(stderr, /it lacks linux\/arm64[\s\S]*it has linux\/amd64/v);
	await refused(t, store, 'cli/platforms-missing', 'export', '--all-platforms', name, '-o', `type=oci,dest=${store.fresh()}`);
	await succeeds(t, store, 'push', '--platform', 'linux/amd64', name, `${host}/copy:1`);
	await succeeds(t, store, 'pull', '--platform', 'linux/arm64', name);
	await succeeds(t, store, 'push', name, `${host}/copy:1`);
});

when([busybox, dockerRegistry], 'a push by digest needs a name, and a second registry the bytes that the first one has', async (t) => {
	const place = workplace(t);
	const one = await startRegistry(t, place.fresh('registry'));
	const other = await startRegistry(t, place.fresh('registry'));
	const digest = await place.digest(t, {Boxfile: 'FROM scratch\nCOPY text /text\n', text: 'here\n'}, ['-t', 'app']);
	await refused(t, place, 'cli/usage', 'push', digest);
	await succeeds(t, place, 'push', digest, `${one.host}/app:1`);
	// The compressed layer, which the store can make again.
	const store = workplace(t);
	await succeeds(t, store, 'pull', '--fetch-only', `${one.host}/app:1`);
	const {layers} = JSON.parse((await succeeds(t, store, 'inspect', `${one.host}/app:1`)).stdout);
	rmSync(`${place.store}/blobs/sha256/${layers[0].digest.slice('sha256:'.length)}`);
	await succeeds(t, place, 'push', 'app', `${one.host}/app:2`, `${other.host}/app:2`);
	await succeeds(t, workplace(t), 'pull', `${other.host}/app:2`);
});
