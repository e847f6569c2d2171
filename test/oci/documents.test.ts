import {assert, json, oneof, property, string} from 'fast-check';
import test from 'ava';
import {type DiffId, sha256} from '../../src/core/digest.ts';
import {parseIndex} from '../../src/oci/index-document.ts';
import {makeImageConfig, printImageConfig, timestampOf} from '../../src/oci/make-image-config.ts';
import {makeManifest, parseManifest} from '../../src/oci/manifest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {parseImageConfig} from '../../src/oci/parse-image-config.ts';
import {parseReference} from '../../src/oci/reference.ts';
import {selectPlatform} from '../../src/oci/select-platform.ts';

const config = {mediaType: mediaTypes.config, digest: sha256('c'), size: 1};
const layer = {mediaType: mediaTypes.layerGzip, digest: sha256('l'), size: 2};
const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));

const manifest = {schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [layer]};

test('a manifest is read as it was made', (t) => {
	const text = makeManifest({config, layers: [layer], annotations: {a: 'b'}});
	t.like(parseManifest(bytes(text), mediaTypes.manifest).value, {config, layers: [layer]});
	t.is(makeManifest({annotations: {a: 'b'}, layers: [layer], config}), text);
});

test('malformed and hostile documents are refused', (t) => {
	const manifests: readonly unknown[] = [
		'',
		'[]',
		'null',
		'{"a":',
		`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`,
		`{"a":"${'x'.repeat(4 << 20)}"}`,
		{...manifest, schemaVersion: 3},
		{...manifest, manifests: []},
		{...manifest, fsLayers: []},
		{...manifest, mediaType: mediaTypes.index},
		{...manifest, mediaType: mediaTypes.dockerManifest},
		{...manifest, config: {...config, digest: 'sha256:../../../etc/passwd'}},
		{...manifest, config: {...config, digest: `sha256:${'A'.repeat(64)}`}},
		{...manifest, config: {...config, size: -1}},
		{...manifest, config: {...config, size: 1e300}},
		{...manifest, layers: {}},
		{...manifest, layers: [{...layer, mediaType: 'text/plain'}]},
		{...manifest, layers: [{...layer, size: '2'}]},
	];
	for (const document of manifests) {
		const {value, diagnostics} = parseManifest(bytes(document), mediaTypes.manifest);
		t.is(value, undefined, JSON.stringify(document).slice(0, 100));
		t.is(diagnostics[0]?.code, 'base/malformed');
	}
	const index = {schemaVersion: 2, manifests: [config]};
	t.not(parseIndex(bytes(index)).value, undefined);
	for (const document of [
		{...index, layers: []},
		{...index, config},
		{...index, manifests: 'x'},
		{...index, mediaType: mediaTypes.manifest},
		{manifests: []},
	]) {
		t.is(parseIndex(bytes(document)).value, undefined, JSON.stringify(document));
	}
});

test('what is well-formed but no image with its layers says what it is', (t) => {
	const artifact = {...manifest, config: {...config, mediaType: 'application/vnd.oci.empty.v1+json'}};
	const foreign = (mediaType: string): object => ({...manifest, layers: [layer, {...layer, mediaType, urls: ['https://x.example/layer']}]});
	for (const [document, problem] of [
		[{schemaVersion: 1, name: 'library/x', tag: 'latest', fsLayers: [], history: []}, /schema 1/v],
		[{...artifact, artifactType: 'application/vnd.example.sbom'}, /artifact of the type `application\/vnd\.example\.sbom`/v],
		[artifact, /artifact of the type `application\/vnd\.oci\.empty\.v1\+json`/v],
		[foreign('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'), /its layer 1 may not be distributed/v],
		[foreign('application/vnd.docker.image.rootfs.foreign.diff.tar.gzip'), /its layer 1 may not be distributed/v],
	] as const) {
		const {value, diagnostics} = parseManifest(bytes(document));
		t.is(value, undefined);
		t.is(diagnostics[0]?.code, 'base/unsupported-image');
		t.regex(diagnostics[0]?.because?.join() ?? '', problem);
	}
});

test('no bytes make a parser throw', (t) => {
	assert(
		property(oneof(json(), string()), (text) => {
			for (const parse of [parseManifest, parseIndex, parseImageConfig]) parse(bytes(text));
			parseReference(text);
		}),
		{numRuns: 300},
	);
	t.pass();
});

test('a configuration is read as it was made, with the members that builders know', (t) => {
	const made = makeImageConfig({
		platform: {os: 'linux', architecture: 'arm64', variant: 'v8'},
		config: {Env: ['A=b'], Cmd: ['sh'], ExposedPorts: {'80/tcp': {}}, Healthcheck: {Test: ['NONE']}},
		diffIds: [sha256('l') as string as DiffId],
		history: [{created_by: 'x', empty_layer: true}],
		created: timestampOf(315_532_800),
	});
	t.deepEqual(parseImageConfig(bytes(printImageConfig(made))).value, made);
	t.is(made.created, '1980-01-01T00:00:00Z');
	const text = (change: object): Buffer => bytes({...made, ...change});
	t.is(parseImageConfig(text({config: {Env: 'x'}})).value, undefined);
	t.is(parseImageConfig(text({rootfs: {type: 'layers', diff_ids: ['x']}})).value, undefined);
	t.is(parseImageConfig(text({history: 3})).value, undefined);
	t.deepEqual(parseImageConfig(text({config: {Env: null, Domainname: ''}})).value?.config, {});
});

test('names are completed and checked as Docker does', (t) => {
	const digest = sha256('x');
	const cases: readonly (readonly [string, string | undefined])[] = [
		['debian', 'docker.io/library/debian:latest'],
		['debian:12', 'docker.io/library/debian:12'],
		['me/app', 'docker.io/me/app:latest'],
		['index.docker.io/library/debian', 'docker.io/library/debian:latest'],
		['localhost/app', 'localhost/app:latest'],
		['localhost:5000/app:v1', 'localhost:5000/app:v1'],
		['ghcr.io/a/b-c__d.e', 'ghcr.io/a/b-c__d.e:latest'],
		[`debian@${digest}`, `docker.io/library/debian@${digest}`],
		[`debian:12@${digest}`, `docker.io/library/debian:12@${digest}`],
		['', undefined],
		['Debian', undefined],
		['a..b', undefined],
		['../x', undefined],
		['a/../b', undefined],
		['debian:', undefined],
		['debian:-x', undefined],
		['debian@sha256:abc', undefined],
		['-rf', undefined],
		['a b', undefined],
		[`a:${'x'.repeat(129)}`, undefined],
	];
	for (const [text, name] of cases) t.is(parseReference(text).value?.name, name, text);
});

test('a platform is chosen from an index as Docker chooses', (t) => {
	const entry = (
		architecture: string,
		variant?: string,
	): typeof config & {platform: {os: string; architecture: string; variant?: string}} => ({
		...config,
		digest: sha256(`${architecture}${variant}`),
		platform: {os: 'linux', architecture, ...(variant === undefined ? {} : {variant})},
	});
	const choose = (wanted: string, variant: string | undefined, ...found: readonly ReturnType<typeof entry>[]): string | undefined => {
		const chosen = selectPlatform(found, {os: 'linux', architecture: wanted, ...(variant === undefined ? {} : {variant})})?.platform;
		return chosen === undefined ? undefined : `${chosen.architecture}/${chosen.variant ?? ''}`;
	};
	t.is(choose('amd64', undefined, entry('arm64'), entry('amd64')), 'amd64/');
	t.is(choose('arm64', undefined, entry('arm64', 'v8')), 'arm64/v8');
	t.is(choose('arm', 'v7', entry('arm', 'v5'), entry('arm', 'v6')), 'arm/v6');
	t.is(choose('arm', 'v6', entry('arm', 'v7')), undefined);
	t.is(choose('amd64', undefined, entry('amd64', 'v3')), undefined);
	t.is(choose('s390x', undefined, entry('amd64')), undefined);
});
