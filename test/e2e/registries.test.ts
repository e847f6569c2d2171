import type {ExecutionContext} from 'ava';
import {execFileSync} from 'node:child_process';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles, readBusybox} from '../support/busybox.ts';
import {authFileFor, noise} from '../support/registry-support.ts';
import {dockerRegistry, type RegistryServer, registryUser, startRegistry} from '../support/registry-server.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {type Files, Workplace} from '../support/workplace.ts';

const skopeo = debianProgram('skopeo');
const base = 'FROM scratch\nCOPY bin/busybox /bin/busybox\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\nENV MADE=here\n';
const baseFiles: Files = {Boxfile: base, 'bin/busybox': readBusybox()};

interface Place {
	readonly place: Workplace;
	readonly server: RegistryServer;
	/** Another store. */
	other(): Workplace;
}

async function start(t: ExecutionContext): Promise<Place> {
	const place = new Workplace();
	t.teardown(() => place.remove());
	const server = await startRegistry(t, place.fresh('registry'));
	const other = (): Workplace => {
		const made = new Workplace();
		t.teardown(() => made.remove());
		return made;
	};
	return {place, server, other};
}

function blobsOf(store: Workplace): readonly string[] {
	return readdirSync(`${store.store}/blobs/sha256`).map((hex) => `sha256:${hex}`);
}

async function layersOf(store: Workplace, name: string): Promise<readonly {digest: string; mediaType: string}[]> {
	const {stdout} = await store.boxbuild(['inspect', name]);
	return JSON.parse(stdout).layers;
}

function skopeoCopy(from: string, to: string, ...more: readonly string[]): void {
	execFileSync('skopeo', ['copy', '--insecure-policy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false', ...more, from, to]);
}

function digestOf(name: string): string {
	return execFileSync('skopeo', ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}`], {
		encoding: 'utf8',
	}).trim();
}

when(
	[busybox, dockerRegistry, skopeo],
	'a pushed image is a base elsewhere, and what was built on it goes back without its layers',
	async (t) => {
		const {place, server, other} = await start(t);
		const name = `${server.host}/team/base:1`;
		const pushed = await place.built(t, baseFiles, ['-t', name, '--push', '--metadata-file', `${place.directory}/meta`]);
		t.regex(pushed.stdout, new RegExp(`pushed to ${name} as sha256:`, 'v'));
		t.is(JSON.parse(readFileSync(`${place.directory}/meta`, 'utf8'))['containerimage.digest'], digestOf(name));
		const second = other();
		const app = `${server.host}/team/app:1`;
		const {stderr} = await second.built(t, {Boxfile: `FROM ${name}\nLABEL a=b\n`}, ['-t', app, '--push']);
		const layers = await layersOf(second, app);
		t.is(layers.length, 2);
		t.deepEqual(
			blobsOf(second).filter((digest) => layers.some((layer) => layer.digest === digest)),
			[],
			stderr,
		);
		t.notRegex(stderr, /pulled/v);
		const inspected = JSON.parse(execFileSync('skopeo', ['inspect', '--tls-verify=false', `docker://${app}`], {encoding: 'utf8'}));
		t.deepEqual(
			inspected.Layers,
			layers.map(({digest}) => digest),
		);
		t.true(inspected.Env.includes('MADE=here'));
		const ran = await second.built(t, {Boxfile: `FROM ${name}\nRUN echo "$MADE" > /made\n`}, ['-t', 'ran', '--progress', 'plain']);
		t.regex(ran.stderr, /pulled sha256:/v);
		t.is((await second.boxbuild(['cat', 'ran', '/made'])).stdout, 'here\n');
		t.is(blobsOf(second).filter((digest) => layers.some((layer) => layer.digest === digest)).length, 2);
		// The same base by docker's and podman's word.
		t.is((await second.boxbuild(['push', '-q', name, `${server.host}/copy:1`])).stdout.trim(), digestOf(name));
		t.is(digestOf(`${server.host}/copy:1`), digestOf(name));
	},
);

when(
	[busybox, dockerRegistry],
	'an image of the store is whole when it is built, also where no step needed the layers of its base',
	async (t) => {
		const {place, server, other} = await start(t);
		const name = `${server.host}/base:1`;
		await place.built(t, baseFiles, ['-t', name, '--push']);
		const second = other();
		await second.built(t, {Boxfile: `FROM ${name}\nLABEL a=b\n`}, ['-t', 'mine']);
		await server.kill();
		t.regex((await second.boxbuild(['ls', 'mine', '/bin/busybox'])).stdout, /busybox/v);
		t.is((await second.boxbuild(['export', 'mine', '-o', 'type=oci,dest=mine.tar'], {cwd: second.directory})).code, 0);
		t.true(existsSync(`${second.directory}/mine.tar`), 'a relative path starts where the command does');
	},
);

when([busybox, dockerRegistry], '--pull decides whether registries are asked', async (t) => {
	const {place, server, other} = await start(t);
	const name = `${server.host}/moving:latest`;
	const push = async (text: string): Promise<void> => {
		await place.built(t, {...busyboxFiles(`RUN echo ${text} > /text\n`)}, ['-t', name, '--push']);
	};
	const second = other();
	const seen = async (...options: readonly string[]): Promise<string> => {
		await second.built(t, {Boxfile: `FROM ${name}\nRUN cp /text /seen\n`}, ['-t', 'seen', ...options]);
		return (await second.boxbuild(['cat', 'seen', '/seen'])).stdout.trim();
	};
	await push('one');
	t.is(await seen(), 'one');
	await push('two');
	t.is(await seen(), 'one');
	t.is(await seen('--pull=never'), 'one');
	t.is(await seen('--pull'), 'two');
	const never = await second.build({Boxfile: `FROM ${server.host}/other\n`}, ['--pull=never']);
	t.is(never.code, 2);
	t.regex(never.stderr, /base\/not-in-store/v);
	const unknown = await second.build({Boxfile: `FROM ${server.host}/other\n`});
	t.regex(unknown.stderr, /registry\/not-found[\s\S]*Boxfile:1:6/v);
	t.is(unknown.code, 2);
	await server.kill();
	const gone = await second.build({Boxfile: `FROM ${server.host}/other\n`});
	t.is(gone.code, 2, gone.stderr);
	t.is(await seen(), 'two', 'what the store has needs no registry');
});

when([busybox, dockerRegistry], 'an image whose name is like that of a stage is an image where a registry has it', async (t) => {
	const {place, server, other} = await start(t);
	await place.built(t, baseFiles, ['-t', `${server.host}/library/nodes:latest`, '--push']);
	const second = other();
	// Docker Hub is where names without a host are looked for.
	const home = second.fresh('home');
	mkdirSync(`${home}/.config/boxbuild`, {recursive: true});
	writeFileSync(`${home}/.config/boxbuild/config.yaml`, `registries: {docker.io: {mirrors: ['${server.host}']}}\n`);
	const boxfile = 'FROM scratch AS node\nCOPY Boxfile /\nFROM nodes\nCOPY --from=node /Boxfile /from-stage\n';
	await second.built(t, {Boxfile: boxfile}, ['-t', 'mine'], {env: {HOME: home}});
	t.is((await second.boxbuild(['cat', 'mine', '/from-stage'])).stdout, boxfile);
	const wrong = await second.build({Boxfile: 'FROM scratch AS node\nCOPY Boxfile /\nFROM nodse\n'}, [], {env: {HOME: home}});
	t.is(wrong.code, 2);
});

when([busybox, dockerRegistry, skopeo], 'pull: platforms of an index, digests, one image for two names, JSON', async (t) => {
	const {place, server, other} = await start(t);
	const name = `${server.host}/multi:1`;
	const boxfile = 'FROM scratch\nARG TARGETARCH\nCOPY $TARGETARCH /about\n';
	await place.built(t, {Boxfile: boxfile, amd64: 'amd64', arm64: 'arm64'}, ['--platform', 'linux/amd64,linux/arm64', '-t', name, '--push']);
	const second = other();
	const digest = digestOf(name);
	for (const [platform, text] of [
		['linux/amd64', 'amd64'],
		['linux/arm64', 'arm64'],
	] as const) {
		t.is((await second.boxbuild(['pull', '--platform', platform, name])).code, 0);
		t.is((await second.boxbuild(['cat', '--platform', platform, name, '/about'])).stdout, text);
	}
	t.is((await second.boxbuild(['push', '-q', name, `${server.host}/again:1`])).stdout.trim(), digest, 'an index stays what it is');
	const {stdout} = await second.boxbuild(['pull', '--json', `${server.host}/multi@${digest}`]);
	t.is(JSON.parse(stdout)[0].name, `${server.host}/multi@${digest}`);
	const missing = await second.boxbuild(['pull', '--platform', 'linux/s390x', name]);
	t.is(missing.code, 2);
	t.regex(missing.stderr, /linux\/amd64, linux\/arm64/v);
	t.regex((await second.boxbuild(['pull', name])).stdout, /unchanged/v);
	const single = `${server.host}/single:1`;
	await place.built(t, baseFiles, ['-t', single, '--push']);
	const other1 = await second.boxbuild(['pull', '--platform', 'linux/arm64', single]);
	t.is(other1.code, 2);
	t.regex(other1.stderr, /has no image for linux\/arm64/v);
	const exported = await second.boxbuild(['export', name, '-o', `type=registry,name=${server.host}/exported:1`]);
	t.is(exported.code, 2);
	t.regex(exported.stderr, /boxbuild push/v);
});

when([busybox, dockerRegistry, skopeo], 'manifests of Docker and layers of zstd are pulled, and pushed as they are', async (t) => {
	const {place, server, other} = await start(t);
	const made = `${server.host}/made:1`;
	await place.built(t, baseFiles, ['-t', made, '--push']);
	skopeoCopy(`docker://${made}`, `docker://${server.host}/docker:1`, '--format', 'v2s2');
	await place.built(t, baseFiles, ['-o', `type=registry,name=${server.host}/zstd:1,compression=zstd`]);
	for (const kind of ['docker', 'zstd']) {
		const name = `${server.host}/${kind}:1`;
		const store = other();
		await store.built(t, {Boxfile: `FROM ${name}\nRUN echo "$MADE" > /made\n`}, ['-t', 'ran']);
		t.is((await store.boxbuild(['cat', 'ran', '/made'])).stdout, 'here\n');
		// What was built has layers of OCI's types, by a build's own push and a later one.
		const built = `${server.host}/${kind}-built:1`;
		await store.built(t, {Boxfile: `FROM ${name}\nENV A=b\n`}, ['-t', 'config', '-o', `type=registry,name=${built}`]);
		t.regex((await layersOf(store, 'config'))[0]?.mediaType ?? '', /^application\/vnd\.oci\.image\.layer\.v1\.tar\+/v);
		t.is((await store.boxbuild(['push', '-q', 'config', `${server.host}/${kind}-built:2`])).stdout.trim(), digestOf(built), kind);
		const pushed = (await store.boxbuild(['push', '-q', name, `${server.host}/${kind}-copy:1`])).stdout.trim();
		t.is(pushed, digestOf(name), kind);
		t.is(digestOf(`${server.host}/${kind}-copy:1`), pushed);
	}
	const [layer] = JSON.parse(
		execFileSync('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${server.host}/zstd:1`], {encoding: 'utf8'}),
	).layers;
	t.is(layer.mediaType, 'application/vnd.oci.image.layer.v1.tar+zstd');
});

when([busybox, dockerRegistry], 'credentials of podman and docker let in, and nobody else gets in', async (t) => {
	const place = new Workplace();
	t.teardown(() => place.remove());
	const server = await startRegistry(t, place.fresh('registry'), {isProtected: true});
	const name = `${server.host}/private:1`;
	const home = place.fresh('home');
	mkdirSync(`${home}/.docker`, {recursive: true});
	const env = {HOME: home};
	const refused = await place.build(baseFiles, ['-t', name, '--push'], {env});
	t.is(refused.code, 2, refused.stderr);
	t.regex(refused.stderr, /registry\/unauthorized[\s\S]*login/v);
	writeFileSync(`${home}/.docker/config.json`, authFileFor({[server.host]: `${registryUser.name}:${registryUser.password}`}));
	await place.built(t, baseFiles, ['-t', name, '--push'], {env});
	writeFileSync(`${home}/auth.json`, authFileFor({[server.host]: `${registryUser.name}:wrong`}));
	const wrong = await place.boxbuild(['pull', name], {env: {...env, REGISTRY_AUTH_FILE: `${home}/auth.json`}});
	t.is(wrong.code, 2);
	t.notRegex(wrong.stderr, /wrong|pa55word/v);
});

when([busybox, dockerRegistry], 'a pull whose blob stands still ends within a second of SIGINT', async (t) => {
	const {place, server, other} = await start(t);
	await place.built(t, {Boxfile: 'FROM scratch\nCOPY big /big\n', big: noise(8_000_000)}, ['-t', `${server.host}/big:1`, '--push']);
	const stood = other();
	let still = (): void => {};
	const standing = new Promise<void>((resolve) => {
		still = resolve;
	});
	// Passes everything on, but of a layer only the beginning.
	const slow = createServer((asked, answer) => {
		void fetch(`http://${server.host}${asked.url}`, {method: asked.method ?? 'GET', headers: {accept: asked.headers.accept ?? '*/*'}}).then(
			async (found) => {
				const bytes = new Uint8Array(await found.arrayBuffer());
				answer.writeHead(found.status, Object.fromEntries(found.headers));
				if (bytes.length < 1_000_000) answer.end(bytes);
				else answer.write(bytes.subarray(0, 1_000_000), () => setTimeout(still, 500));
			},
		);
	});
	await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		slow.closeAllConnections();
		slow.close();
	});
	const {port} = slow.address() as AddressInfo;
	let at = 0;
	const {code} = await stood.boxbuild(['pull', `127.0.0.1:${port}/big:1`], {
		started: (child) =>
			void standing.then(() => {
				at = performance.now();
				child.kill('SIGINT');
			}),
	});
	t.is(code, 130);
	t.true(performance.now() - at < 1500, `${Math.round(performance.now() - at)} ms`);
});

when([busybox, dockerRegistry], 'a pull that is killed leaves a sound store, and the next one is whole', async (t) => {
	const {place, server, other} = await start(t);
	const name = `${server.host}/big:1`;
	await place.built(t, {Boxfile: 'FROM scratch\nCOPY big /big\n', big: noise(60_000_000)}, ['-t', name, '--push']);
	const second = other();
	for (const milliseconds of [100, 250, 400]) {
		const {signal} = await second.boxbuild(['pull', name], {
			started: (child) => void setTimeout(() => child.kill('SIGKILL'), milliseconds),
		});
		if (signal === null) t.log(`it was done before ${milliseconds} ms`);
	}
	t.is((await second.boxbuild(['pull', name])).code, 0);
	// What a dead writer left goes when it is a minute old.
	const blobs = `${second.store}/blobs/sha256`;
	for (const name of readdirSync(blobs)) if (name.startsWith('.tmp-')) utimesSync(`${blobs}/${name}`, 1, 1);
	t.is((await second.boxbuild(['prune', '--all'])).code, 0);
	t.deepEqual(
		blobsOf(second).filter((digest) => !/^sha256:[0-9a-f]{64}$/v.test(digest)),
		[],
	);
	const files = mkdtempSync('/tmp/bb-');
	t.teardown(() => rmSync(files, {recursive: true, force: true}));
	t.is((await second.boxbuild(['export', name, '-o', files])).code, 0);
	t.true(readFileSync(`${files}/big`).equals(noise(60_000_000)));
	t.false(existsSync(`${files}/etc`));
});
