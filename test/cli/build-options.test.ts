import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import test from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {type BuildFlags, parseBuildOptions} from '../../src/cli/build-options.ts';

const directory = mkdtempSync(`${tmpdir()}/boxbuild-options-`);
writeFileSync(`${directory}/Boxfile`, 'FROM scratch\n');
test.after.always(() => rmSync(directory, {recursive: true}));

const flags: BuildFlags = {tag: [], output: [], buildArg: [], label: [], annotation: [], cache: true, network: 'host', secret: [], ssh: []};
const parse = (more: Partial<BuildFlags>, env: Record<string, string> = {}) =>
	parseBuildOptions(directory, {...flags, ...more}, {HOME: '/home/x', ...env});

test('the epoch is 1980 unless the option or the environment gives another', (t) => {
	t.deepEqual(parse({}).epoch, {kind: 'default', seconds: 315_532_800});
	t.deepEqual(parse({epoch: '5'}, {SOURCE_DATE_EPOCH: '7'}).epoch, {kind: 'given', seconds: 5});
	t.deepEqual(parse({}, {SOURCE_DATE_EPOCH: '7'}).epoch, {kind: 'given', seconds: 7});
	t.deepEqual(parse({buildArg: ['SOURCE_DATE_EPOCH=6']}, {SOURCE_DATE_EPOCH: '7'}).epoch, {kind: 'given', seconds: 6});
	t.is(parse({timestamps: 'keep'}).epoch.kind, 'keep');
});

test('a build argument without a value comes from the environment or is left alone', (t) => {
	t.deepEqual(parse({buildArg: ['A=1', 'B', 'C']}, {B: 'two'}).buildArgs, {A: '1', B: 'two'});
});

test('tags become whole names', (t) => {
	t.deepEqual(parse({tag: ['app', 'registry.example:5000/team/app:2']}).tags, [
		'docker.io/library/app:latest',
		'registry.example:5000/team/app:2',
	]);
});

test('the store is the option, then BOXBUILD_STORE, then the data directory', (t) => {
	t.is(parse({store: '/a'}, {BOXBUILD_STORE: '/b'}).store, '/a');
	t.is(parse({}, {BOXBUILD_STORE: '/b'}).store, '/b');
	t.is(parse({}, {XDG_DATA_HOME: '/data'}).store, '/data/boxbuild');
});

test('platforms: several in one option or many, each once; a system alone is that of this machine', (t) => {
	const names = (platform: readonly string[]): string[] => parse({platform}).platforms.map(({os, architecture}) => `${os}/${architecture}`);
	t.deepEqual(names(['linux/amd64,arm64', 'amd64', 'linux/s390x']), ['linux/amd64', 'linux/arm64', 'linux/s390x']);
	t.deepEqual(names(['linux']), names([]));
});

test('outputs get absolute paths, standard output stays', (t) => {
	t.deepEqual(
		parse({output: ['-', 'type=oci,dest=/x/y.tar']}).outputs.map((output) => output.destination),
		['-', '/x/y.tar'],
	);
});

for (const [title, more, code] of [
	['a malformed tag', {tag: ['App']}, 'base/reference-malformed'],
	['an unknown output type', {output: ['type=oic,dest=x']}, 'export/malformed-output'],
	['a build argument that is no name', {buildArg: ['1x=2']}, 'cli/bad-value'],
	['a label without a value', {label: ['x']}, 'cli/bad-value'],
	['jobs that are no number', {jobs: '0'}, 'cli/bad-value'],
	['an epoch before 1970', {epoch: '-1'}, 'cli/bad-value'],
	['a platform without architecture', {platform: ['linux/']}, 'cli/bad-value'],
	['an architecture that nobody has', {platform: ['foo']}, 'cli/bad-value'],
	['an annotation of an unknown target', {annotation: ['thing[linux/amd64]:a=b']}, 'cli/bad-value'],
	['an annotation of an index that is not made', {annotation: ['index:a=b']}, 'cli/bad-value'],
	['an annotation for a platform that is not built', {annotation: ['manifest[linux/s390x]:a=b']}, 'cli/bad-value'],
	['a docker archive of two platforms', {platform: ['amd64,arm64'], output: ['type=docker,dest=x']}, 'export/one-platform'],
	['a push without a name', {push: true}, 'cli/usage'],
	['packages with no place to go to', {sbom: true}, 'cli/usage'],
	['a pull policy that is none', {pull: 'sometimes'}, 'cli/bad-value'],
	['a Boxfile that is not there', {file: '/no/such/Boxfile'}, 'cli/file-unreadable'],
] as const) {
	test(`${title} is refused with a code`, (t) => {
		const error = t.throws(() => parse(more as Partial<BuildFlags>), {instanceOf: BuildError});
		t.is(error?.diagnostics[0]?.code.split('/')[0], code.split('/')[0]);
	});
}
