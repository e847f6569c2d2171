import test from 'ava';
import {array, assert, asyncProperty, constantFrom, jsonValue, property, string} from 'fast-check';
import {keysFor, parseAuthFile} from '../../src/registry/auth-file.ts';
import {codeOf} from '../support/store-support.ts';
import {parseChallenges} from '../../src/registry/challenge.ts';
import {parseRegistriesConf} from '../../src/registry/registries-conf.ts';
import {delayAfter, parseRetryAfter} from '../../src/registry/pacing.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

test('challenges are read with their parameters', (t) => {
	const read = (header: string): unknown => parseChallenges(header).map(({scheme, parameters}) => [scheme, {...parameters}]);
	t.deepEqual(read('Bearer realm="https://a/t",service="b, c=d",scope="x:y:pull,push"'), [
		['bearer', {realm: 'https://a/t', service: 'b, c=d', scope: 'x:y:pull,push'}],
	]);
	t.deepEqual(read('Basic realm="say \\"hi\\"", Bearer realm=token , error=x'), [
		['basic', {realm: 'say "hi"'}],
		['bearer', {realm: 'token', error: 'x'}],
	]);
	t.deepEqual(read('NEGOTIATE, BASIC REALM = "x"'), [
		['negotiate', {}],
		['basic', {realm: 'x'}],
	]);
	t.deepEqual(read('Bearer realm="open'), [['bearer', {}]]);
	t.deepEqual(read('Bearer __proto__="x",realm="first",realm="second"'), [['bearer', {['__proto__']: 'x', realm: 'first'}]]);
	t.deepEqual(read(''), []);
});

test('no header makes the parser throw or hang', (t) => {
	assert(
		property(
			string({unit: constantFrom('a', '=', '"', '\\', ',', ' ', '\t', 'é', '('), maxLength: 60}),
			(header) => void parseChallenges(header),
		),
	);
	t.pass();
});

test('credentials are looked for from the most specific name on', (t) => {
	t.deepEqual(keysFor('quay.io:443', 'a/b/c'), ['quay.io:443/a/b/c', 'quay.io:443/a/b', 'quay.io:443/a', 'quay.io:443']);
	t.deepEqual(keysFor('registry-1.docker.io', 'library/debian'), ['docker.io/library/debian', 'docker.io/library', 'docker.io']);
});

test('a file of credentials has each form of them, and each name of Docker Hub', (t) => {
	const parsed = parseAuthFile(
		JSON.stringify({
			auths: {
				'https://index.docker.io/v1/': {auth: base64('hub:a:b')},
				'https://example.org/v2/': {username: 'u', password: 'p'},
				'quay.io/team/': {auth: base64('q:padded\0\0')},
				'ghcr.io': {auth: base64('ignored:x'), identitytoken: 'long'},
				empty: {},
				'no-colon': {auth: base64('x')},
				list: [],
			},
			credHelpers: {'index.docker.io': 'one', 'gcr.io': 'two', bad: 3},
			credsStore: 'all',
		}),
	);
	if (typeof parsed === 'string') return t.fail(parsed);
	t.deepEqual(
		[...parsed.auths],
		[
			['docker.io', {kind: 'password', user: 'hub', password: 'a:b'}],
			['example.org', {kind: 'password', user: 'u', password: 'p'}],
			['quay.io/team', {kind: 'password', user: 'q', password: 'padded'}],
			['ghcr.io', {kind: 'identity', token: 'long'}],
		],
	);
	t.deepEqual(
		[...parsed.helpers],
		[
			['docker.io', 'one'],
			['gcr.io', 'two'],
		],
	);
	t.is(parsed.store, 'all');
	t.is(parseAuthFile('{'), 'it is not JSON');
	t.is(parseAuthFile('[]'), 'it is not a JSON object');
});

test('pauses double, are partly by chance, and end at half a minute', (t) => {
	const delays = (random: number): readonly number[] => [1, 2, 3, 7, 100].map((failures) => delayAfter(failures, () => random));
	t.deepEqual(delays(0), [250, 500, 1000, 15_000, 15_000]);
	t.deepEqual(delays(0.5), [375, 750, 1500, 22_500, 22_500]);
	t.is(
		delayAfter(1, () => 0, 9000),
		9000,
	);
	t.is(
		delayAfter(1, () => 0, 1),
		250,
	);
});

test('Retry-After is seconds, or a date by the clock of the server', (t) => {
	t.is(parseRetryAfter(undefined, undefined), undefined);
	t.is(parseRetryAfter('12', undefined), 12_000);
	t.is(parseRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', 'Thu, 01 Jan 2026 00:00:00 GMT'), 60_000);
	t.is(parseRetryAfter('Thu, 01 Jan 2026 00:00:00 GMT', 'Thu, 01 Jan 2026 00:01:00 GMT'), 0);
	for (const wrong of ['-1', 'soon', '1e9', '']) t.is(parseRetryAfter(wrong, undefined), undefined);
});

test('files of any content are read or refused', async (t) => {
	assert(property(string(), (text) => void parseAuthFile(text)));
	assert(property(jsonValue(), (value) => void parseAuthFile(JSON.stringify({auths: value, credHelpers: {a: value}, credsStore: value}))));
	const line = constantFrom(
		'[[registry]]',
		'[[registry.mirror]]',
		'location = "a.b/c"',
		'prefix = "*.b"',
		'insecure = 3',
		'mirror = 1',
		'registry = []',
		'[x',
		'"',
	);
	await assert(
		asyncProperty(array(line, {maxLength: 8}), async (lines) => {
			const code = await codeOf(() => parseRegistriesConf(lines.join('\n'), 'registries.conf'));
			return code === undefined || code === 'registry/bad-config';
		}),
	);
	t.pass();
});
