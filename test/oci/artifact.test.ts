import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {artifactDescriptor, emptyConfig, makeArtifact, parseArtifact} from '../../src/oci/artifact.ts';
import {parseIndex} from '../../src/oci/index-document.ts';
import {parseManifest} from '../../src/oci/manifest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';

const subject = {mediaType: mediaTypes.manifest, digest: sha256('image'), size: 7, annotations: {a: 'not kept'}};
const blob = {mediaType: 'application/vnd.in-toto+json', digest: sha256('s'), size: 1, annotations: {p: 'q'}};
const parts = {artifactType: 'application/vnd.in-toto+json', blobs: [blob], subject, annotations: {b: '2', a: '1'}};

test('an artifact is a manifest with a type, a subject and an empty configuration; it is read as it was made', (t) => {
	const text = makeArtifact(parts);
	t.is(text, makeArtifact({...parts, annotations: {a: '1', b: '2'}}));
	t.like(JSON.parse(text), {
		schemaVersion: 2,
		mediaType: 'application/vnd.oci.image.manifest.v1+json',
		artifactType: parts.artifactType,
		config: {
			mediaType: 'application/vnd.oci.empty.v1+json',
			digest: 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
			size: 2,
		},
	});
	const {annotations: _, ...bare} = subject;
	t.deepEqual(parseArtifact(Buffer.from(text)).value, {
		...parts,
		subject: bare,
		digest: sha256(text),
		config: {mediaType: emptyConfig.mediaType, digest: emptyConfig.digest, size: 2},
	});
	t.is(sha256(emptyConfig.bytes), emptyConfig.digest);
});

test('an artifact is no container image, and a descriptor keeps its type in an index', (t) => {
	const text = makeArtifact(parts);
	t.is(parseManifest(Buffer.from(text)).value, undefined);
	const descriptor = artifactDescriptor(text, parts);
	t.deepEqual(descriptor, {
		mediaType: mediaTypes.manifest,
		digest: sha256(text),
		size: text.length,
		artifactType: parts.artifactType,
		annotations: parts.annotations,
	});
	const index = Buffer.from(JSON.stringify({schemaVersion: 2, manifests: [descriptor, {...descriptor, artifactType: 7}]}));
	const [kept, odd] = parseIndex(index).value?.manifests ?? [];
	t.deepEqual(kept, descriptor);
	t.is(odd?.artifactType, undefined);
});

test('without artifactType the configuration tells the type; without a subject it stands alone', (t) => {
	const config = {mediaType: 'application/vnd.example', digest: emptyConfig.digest, size: 2};
	const {value} = parseArtifact(Buffer.from(JSON.stringify({schemaVersion: 2, config, layers: []})));
	t.deepEqual(value && {type: value.artifactType, subject: value.subject}, {type: 'application/vnd.example', subject: undefined});
	t.throws(() => makeArtifact({...parts, blobs: []}), {instanceOf: RangeError});
});

test('malformed artifacts are refused', (t) => {
	const document = JSON.parse(makeArtifact(parts)) as Record<string, unknown>;
	const cases: readonly unknown[] = [
		[],
		{...document, schemaVersion: 1},
		{...document, mediaType: mediaTypes.index},
		{...document, manifests: []},
		{...document, config: {}},
		{...document, artifactType: 7},
		{...document, layers: {}},
		{...document, layers: [{...blob, digest: 'sha256:..'}]},
		{...document, subject: {...subject, size: -1}},
	];
	for (const value of cases) t.deepEqual(parseArtifact(Buffer.from(JSON.stringify(value))).diagnostics[0]?.code, 'base/malformed');
});
