import type {ExecutionContext} from 'ava';
import {execFileSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {clientFor, referenceOf} from '../support/registry-support.ts';
import {dockerRegistry, startRegistry} from '../support/registry-server.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {Workplace} from '../support/workplace.ts';

const skopeo = debianProgram('skopeo');
const status = 'Package: hello\nStatus: install ok installed\nVersion: 2.10-3\nArchitecture: amd64\nDescription: says it\n';
const boxfile = `ARG GREETING
COPY status /var/lib/dpkg/status
RUN --mount=type=secret,id=word echo "$GREETING" > /greeting
`;
const files = busyboxFiles(boxfile, {status});
const args = ['--build-arg', 'GREETING=welcome', '--secret', 'id=word,env=WORD', '--sbom', '--provenance=mode=max'];
const env = {WORD: 'hidden word'};

function place(t: ExecutionContext): Workplace {
	const made = new Workplace();
	t.teardown(() => made.remove());
	return made;
}

interface Statement {
	readonly subject: readonly {readonly digest: {readonly sha256: string}}[];
	readonly predicateType: string;
	readonly predicate: {
		readonly packages?: readonly {readonly name: string; readonly versionInfo?: string}[];
		readonly buildDefinition?: {readonly externalParameters: {readonly args: unknown; readonly secrets: unknown}};
		readonly runDetails?: {readonly byproducts: readonly unknown[]};
	};
}

function check(t: ExecutionContext, statements: readonly Statement[], manifest: string): void {
	t.deepEqual(statements.map(({predicateType}) => predicateType).toSorted(), [
		'https://slsa.dev/provenance/v1',
		'https://spdx.dev/Document',
	]);
	for (const {subject, predicate} of statements) {
		t.deepEqual(new Set(subject.map(({digest}) => digest.sha256)), new Set([manifest.slice(7)]));
		if (predicate.packages !== undefined)
			t.true(predicate.packages.some(({name, versionInfo}) => name === 'hello' && versionInfo === '2.10-3'));
		if (predicate.buildDefinition === undefined) continue;
		const {externalParameters} = predicate.buildDefinition;
		t.deepEqual(externalParameters.args, {GREETING: 'welcome'});
		t.deepEqual(externalParameters.secrets, ['word']);
		t.true((predicate.runDetails?.byproducts.length ?? 0) > 2);
	}
	t.notRegex(JSON.stringify(statements), /hidden word/v);
}

when(
	[busybox, skopeo],
	'packages and provenance are artifacts of a layout, about its manifest, and tools still find the image',
	async (t) => {
		const at = place(t);
		for (const compression of ['gzip', 'none']) {
			const directory = `${at.directory}/${compression}`;
			await at.built(t, files, [...args, '-t', 'app', '-o', `type=oci,dest=${directory},tar=false,compression=${compression}`], {env});
			const read = (digest: string): string => readFileSync(`${directory}/blobs/sha256/${digest.slice(7)}`, 'utf8');
			const index = JSON.parse(readFileSync(`${directory}/index.json`, 'utf8'));
			const [image, ...artifacts] = index.manifests;
			t.is(image.annotations['org.opencontainers.image.ref.name'], 'latest');
			t.is(artifacts.length, 2);
			const statements = artifacts.map((artifact: {artifactType: string; digest: string}) => {
				t.is(artifact.artifactType, 'application/vnd.in-toto+json');
				const manifest = JSON.parse(read(artifact.digest));
				t.is(manifest.subject.digest, image.digest);
				t.is(manifest.config.mediaType, 'application/vnd.oci.empty.v1+json');
				t.is(read(manifest.config.digest), '{}');
				return JSON.parse(read(manifest.layers[0].digest));
			});
			check(t, statements, image.digest);
			t.is(JSON.parse(execFileSync('skopeo', ['inspect', `oci:${directory}:latest`], {encoding: 'utf8'})).Digest, image.digest);
			await at.built(t, {Boxfile: `FROM oci:${directory}\nCOPY Boxfile /\n`});
		}
	},
);

when([busybox, dockerRegistry], 'they go along with a push as referrers, for every platform', async (t) => {
	const at = place(t);
	const server = await startRegistry(t, at.fresh('registry'));
	const name = `${server.host}/app:1`;
	const multi = {Boxfile: 'FROM scratch\nCOPY status /var/lib/dpkg/status\nARG GREETING\nARG TARGETARCH\nENV A=$TARGETARCH\n', status};
	const {stdout} = await at.built(t, multi, [
		...args.slice(0, 2),
		...args.slice(4),
		'--platform',
		'linux/amd64,linux/arm64',
		'-t',
		name,
		'--push',
	]);
	t.regex(stdout, /pushed to/v);
	const client = clientFor(t);
	const reference = referenceOf(name);
	const {bytes} = await client.document(reference);
	const {manifests} = JSON.parse(bytes.toString());
	t.is(manifests.length, 2);
	for (const {digest} of manifests) {
		const referrers = await client.referrers(reference, digest, 'application/vnd.in-toto+json');
		t.is(referrers.length, 2);
		for (const referrer of referrers) {
			const artifact = JSON.parse((await client.document(reference, referrer)).bytes.toString());
			const chunks: Uint8Array[] = [];
			for await (const chunk of client.blob(reference, artifact.layers[0])) chunks.push(chunk);
			t.is(JSON.parse(Buffer.concat(chunks).toString()).subject[0].digest.sha256, digest.slice(7));
		}
	}
});

when([busybox], 'documents go to files, the same for the same build, one for each platform', async (t) => {
	const at = place(t);
	const sbom = `${at.directory}/packages.json`;
	const provenance = `${at.directory}/how.json`;
	const wanted = ['--sbom', `cyclonedx,dest=${sbom}`, '--provenance', `mode=max,dest=${provenance}`, ...args.slice(0, 4)];
	const digest = await at.digest(t, files, wanted, {env});
	const texts = [sbom, provenance].map((path) => readFileSync(path, 'utf8'));
	t.is(JSON.parse(texts[0] ?? '').bomFormat, 'CycloneDX');
	t.is(JSON.parse(texts[1] ?? '').subject[0].digest.sha256, digest.slice(7));
	const other = place(t);
	t.is(await other.digest(t, files, wanted, {env}), digest);
	t.deepEqual(
		[sbom, provenance].map((path) => readFileSync(path, 'utf8')),
		texts,
	);
	await at.built(t, {Boxfile: 'FROM scratch\nCOPY status /s\n', status}, ['--platform', 'linux/amd64,linux/arm64', `--sbom=dest=${sbom}`]);
	for (const platform of ['linux_amd64', 'linux_arm64'])
		t.is(JSON.parse(readFileSync(sbom.replace('.json', `.${platform}.json`), 'utf8')).spdxVersion, 'SPDX-2.3');
	const nowhere = await at.build(files, ['--sbom']);
	t.is(nowhere.code, 2);
	t.regex(nowhere.stderr, /nothing to go to/v);
});
