import test from 'ava';
import {canonicalJson, type Json} from '../../src/core/canonical-json.ts';
import {emptyConfig, makeArtifact} from '../../src/oci/artifact.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {openStore} from '../../src/store/open-store.ts';
import {reachableFromNames} from '../../src/store/reachable.ts';
import {scratch} from '../support/store-support.ts';

test('what an index tells of its images stays as long as the index has a name', async (t) => {
	const store = openStore(scratch(t));
	const statement = {mediaType: 'application/vnd.in-toto+json', ...store.blobs.putBytes('statement')};
	store.blobs.putBytes(emptyConfig.bytes);
	const artifact = {
		mediaType: mediaTypes.manifest,
		...store.blobs.putBytes(makeArtifact({artifactType: 'application/x', blobs: [statement]})),
	};
	// As BuildKit makes them: the configuration of an image, layers that are none.
	const config = {mediaType: mediaTypes.config, ...store.blobs.putBytes('{"architecture":"unknown"}')};
	const other = {mediaType: 'application/vnd.in-toto+json', ...store.blobs.putBytes('other')};
	const manifest = {schemaVersion: 2, mediaType: mediaTypes.manifest, config, layers: [other]};
	const attestation = {mediaType: mediaTypes.manifest, ...store.blobs.putBytes(canonicalJson(manifest as unknown as Json))};
	const index = {schemaVersion: 2, mediaType: mediaTypes.index, manifests: [artifact, attestation]};
	const named = {mediaType: mediaTypes.index, ...store.blobs.putBytes(canonicalJson(index as unknown as Json))};
	t.deepEqual([...reachableFromNames(store)], []);
	await store.images.tag('docker.io/library/app:1', named);
	const found = reachableFromNames(store);
	for (const {digest} of [named, artifact, attestation, statement, emptyConfig, config, other]) t.true(found.has(digest));
});
