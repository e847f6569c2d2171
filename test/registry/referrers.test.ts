import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {mediaTypes} from '../../src/oci/media-types.ts';
import {clientFor, referenceOf} from '../support/registry-support.ts';
import {bodyOf, giving, refusing, scriptedRegistry} from '../support/scripted-registry.ts';
import {codeOf} from '../support/store-support.ts';

const subject = sha256('subject');
const api = `/v2/a/b/referrers/${subject}`;
const tag = `/v2/a/b/manifests/sha256-${subject.slice('sha256:'.length)}`;
const typed = {'content-type': mediaTypes.index};
const entry = (name: string, artifactType: string): object => ({
	mediaType: mediaTypes.manifest,
	digest: sha256(name),
	size: name.length,
	artifactType,
});
const index = (...manifests: readonly object[]): string => JSON.stringify({schemaVersion: 2, mediaType: mediaTypes.index, manifests});

test('referrers are listed over pages, filtered by the registry or here', async (t) => {
	const registry = await scriptedRegistry(t, {
		[api]: (request, response, count) =>
			(request.url?.includes('page=2') === true
				? giving(index(entry('c', 'x/a')), typed)
				: giving(index(entry('a', 'x/a'), entry('b', 'x/b'), {mediaType: 'x', digest: 'sha512:0', size: 1}), {
						...typed,
						link: `<${api}?page=2>; rel="next"`,
					}))(request, response, count),
	});
	const client = clientFor(t);
	const reference = referenceOf(`${registry.host}/a/b`);
	t.deepEqual(
		(await client.referrers(reference, subject)).map(({digest}) => digest),
		['a', 'b', 'c'].map(sha256),
	);
	t.deepEqual(
		(await client.referrers(reference, subject, 'x/a')).map(({digest}) => digest),
		['a', 'c'].map(sha256),
	);
	t.is(registry.asked[2], `GET ${api}?artifactType=x%2Fa`);
});

test('a registry without the list is asked for the tag, one that has neither has none', async (t) => {
	for (const missing of [refusing(404, 'X', ''), refusing(405, 'X', ''), giving('<html>', {'content-type': 'text/html'})]) {
		const registry = await scriptedRegistry(t, {[api]: missing, [tag]: giving(index(entry('a', 'x/a')), typed)});
		t.is((await clientFor(t).referrers(referenceOf(`${registry.host}/a/b`), subject)).length, 1);
	}
	const empty = await scriptedRegistry(t, {});
	t.deepEqual(await clientFor(t).referrers(referenceOf(`${empty.host}/a/b`), subject), []);
	const wrong = await scriptedRegistry(t, {[api]: giving('[]', typed)});
	t.is(await codeOf(() => clientFor(t).referrers(referenceOf(`${wrong.host}/a/b`), subject)), 'registry/unsupported-answer');
});

const manifest = Buffer.from(
	JSON.stringify({schemaVersion: 2, mediaType: mediaTypes.manifest, artifactType: 'x/a', annotations: {k: 'v'}}),
);
const put = `PUT /v2/a/b/manifests/${sha256(manifest)}`;

test('a registry that takes notice of the subject needs no tag', async (t) => {
	const registry = await scriptedRegistry(t, {[put]: giving('', {'oci-subject': subject}, 201)});
	const digest = await clientFor(t).pushReferrer(referenceOf(`${registry.host}/a/b`), subject, manifest, mediaTypes.manifest);
	t.is(digest, sha256(manifest));
	t.deepEqual(registry.asked, [put]);
});

test('an update of the tag that somebody else overwrites is made again', async (t) => {
	let stored = index(entry('a', 'x/a'));
	const registry = await scriptedRegistry(t, {
		[put]: giving('', {}, 201),
		[`GET ${tag}`]: (request, response, count) => giving(stored, typed)(request, response, count),
		[`PUT ${tag}`]: async (request, response, count) => {
			const text = (await bodyOf(request)).toString();
			stored = count === 0 ? index(entry('a', 'x/a'), entry('other', 'x/b')) : text;
			giving('', {}, 201)(request, response, count);
		},
	});
	await clientFor(t).pushReferrer(referenceOf(`${registry.host}/a/b`), subject, manifest, mediaTypes.manifest);
	const {manifests} = JSON.parse(stored) as {manifests: {digest: string; artifactType: string; annotations?: object}[]};
	t.deepEqual(
		manifests.map(({digest}) => digest),
		[sha256('a'), sha256('other'), sha256(manifest)],
	);
	t.deepEqual([manifests[2]?.artifactType, manifests[2]?.annotations], ['x/a', {k: 'v'}]);
});

test('a tag that does not stay is no success', async (t) => {
	const registry = await scriptedRegistry(t, {[put]: giving('', {}, 201), [`PUT ${tag}`]: giving('', {}, 201)});
	const push = clientFor(t).pushReferrer(referenceOf(`${registry.host}/a/b`), subject, manifest, mediaTypes.manifest);
	t.is(await codeOf(() => push), 'registry/unsupported-answer');
});
