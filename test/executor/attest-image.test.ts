import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {provenanceAttestation, sbomAttestation, storeReferrer} from '../../src/executor/attest-image.ts';
import {parseArtifact} from '../../src/oci/artifact.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {openStore} from '../../src/store/open-store.ts';
import {inventoryOf, sbomFixture} from '../support/layered-files.ts';
import {scratch} from '../support/store-support.ts';

const image = {mediaType: mediaTypes.manifest, digest: sha256('image'), size: 9};
const subject = {name: 'app', digest: image.digest, created: 0};
const inventory = inventoryOf({'var/lib/dpkg/status': sbomFixture('dpkg-status')});

test('a document becomes a statement about the image, and that a referrer whose every blob is in the store', async (t) => {
	const store = openStore(scratch(t));
	for (const [format, predicateType] of [
		['spdx', 'https://spdx.dev/Document'],
		['cyclonedx', 'https://cyclonedx.org/bom'],
	] as const) {
		const attestation = await sbomAttestation(format, {subject, names: [], inventory});
		t.is(attestation.predicateType, predicateType);
		const statement = JSON.parse(attestation.statement) as {
			readonly subject: unknown;
			readonly predicate: unknown;
			readonly predicateType: string;
		};
		t.deepEqual(statement.subject, [{digest: {sha256: image.digest.slice(7)}}]);
		t.deepEqual(statement.predicate, JSON.parse(attestation.document));
		const referrer = storeReferrer(store, image, attestation);
		t.deepEqual(storeReferrer(store, image, attestation), referrer);
		const {value} = parseArtifact(store.blobs.read(referrer.manifest));
		t.deepEqual(value?.subject, image);
		t.is(value?.artifactType, 'application/vnd.in-toto+json');
		t.deepEqual(value?.annotations, {'in-toto.io/predicate-type': predicateType});
		t.deepEqual(referrer.manifest.annotations, value?.annotations);
		t.true(referrer.blobs.every((blob) => store.blobs.has(blob)));
		t.is(store.blobs.read(value?.blobs[0] ?? image).toString(), attestation.statement);
	}
});

test('the document of a provenance is its statement', (t) => {
	const {document, statement, predicateType} = provenanceAttestation({
		mode: 'min',
		digest: image.digest,
		names: [],
		boxfile: {name: 'Boxfile', digest: sha256('')},
		platform: 'linux/amd64',
		args: {},
		labels: {},
		secrets: [],
		agents: [],
		network: 'none',
		epoch: 'keep',
		dependencies: [],
		steps: [],
	});
	t.is(document, statement);
	t.is(predicateType, 'https://slsa.dev/provenance/v1');
});
