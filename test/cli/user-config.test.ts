import test from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {parseUserConfig, readUserConfig} from '../../src/cli/user-config.ts';

test('every key is read', async (t) => {
	t.deepEqual(
		await parseUserConfig('# mine\nstore: /big/boxbuild\ndriver: fuse\nids: single\njobs: 3\nmemory: 2g\ncpus: 1.5\npids: 100\n'),
		{
			store: '/big/boxbuild',
			driver: 'fuse',
			ids: 'single',
			jobs: 3,
			memory: '2g',
			cpus: 1.5,
			pids: 100,
		},
	);
});

test('no file and an empty file say nothing', async (t) => {
	t.deepEqual(await readUserConfig({XDG_CONFIG_HOME: '/no/such/directory'}), {});
	t.deepEqual(await parseUserConfig('# nothing\n'), {});
});

for (const [title, text, start, help] of [
	['an unknown key is shown at its place with the nearest one', 'jobs: 2\ndrivr: fuse\n', 8, 'did you mean `driver`?'],
	['a value that does not fit is refused', 'jobs: many\n', 0, 'give a whole number from 1'],
	['a size that is none is refused', 'memory: lots\n', 0, 'give a size from 6m such as `512m`, `2g` or `800MB`'],
	['a relative store is refused', 'store: here\n', 0, 'give an absolute path'],
	['a list is refused', '- a\n- b\n', 0, 'write it as YAML: `driver: overlay`'],
	['broken YAML is refused', 'store: [\n', 9, 'write it as YAML: `driver: overlay`'],
] as const) {
	test(title, async (t) => {
		const error = await t.throwsAsync(parseUserConfig(text), {instanceOf: BuildError});
		t.is(error?.diagnostics[0]?.code, 'cli/bad-config');
		t.is(error?.diagnostics[0]?.primary?.span.start, start);
		t.deepEqual(error?.diagnostics[0]?.help, [help]);
	});
}

test('registries are read by host', async (t) => {
	const text = `registries:
  docker.io: {mirrors: [mirror.example.org:5000/hub, other.example.org]}
  registry.example.org:5000: {insecure: true}
  "[::1]:5000": {ca: /etc/ca.pem, cert: /etc/me.pem, key: /etc/me.key}
`;
	t.deepEqual(await parseUserConfig(text), {
		registries: {
			'docker.io': {mirrors: ['mirror.example.org:5000/hub', 'other.example.org']},
			'registry.example.org:5000': {insecure: true},
			'[::1]:5000': {ca: '/etc/ca.pem', cert: '/etc/me.pem', key: '/etc/me.key'},
		},
	});
	t.deepEqual(await parseUserConfig('registries: {}'), {registries: {}});
});

const hosts = 'write hosts with their settings: `registries: {registry.example.org: {mirrors: [mirror.example.org]}}`';
const file = 'give the absolute path of a file';
const mirrors = 'give a list of hosts, each with a port and a path where needed: `[mirror.example.org/hub]`';
for (const [what, value, at, help] of [
	['no map', '3', 'registries', hosts],
	['nothing', '', 'registries', hosts],
	['a host that is none', '{https://a: {}}', 'https', hosts],
	['a path for a host', '{a.b/c: {}}', 'a.b', hosts],
	['no settings of a host', '{a.b: yes}', 'a.b', hosts],
	['an unknown key', '{a.b: {mirors: []}}', 'mirors', 'did you mean `mirrors`?'],
	['another unknown key', '{a.b: {password: x}}', 'password', 'the keys are mirrors, insecure, ca, cert, key'],
	['a mirror that is no list', '{a.b: {mirrors: c.d}}', 'mirrors', mirrors],
	['a mirror with a protocol', '{a.b: {mirrors: [https://c.d]}}', 'mirrors', mirrors],
	['a mirror with credentials', '{a.b: {mirrors: ["me:x@c.d"]}}', 'mirrors', mirrors],
	['a mirror with ..', '{a.b: {mirrors: [c.d/../e]}}', 'mirrors', mirrors],
	['a flag that is none', '{a.b: {insecure: 1}}', 'insecure', 'give true or false'],
	['a relative file', '{a.b: {ca: ca.pem}}', 'ca:', file],
	['half of a pair', '{a.b: {cert: /x}}', 'a.b', 'give both `cert` and `key`'],
] as const) {
	test(`registries with ${what} are refused at their place`, async (t) => {
		const text = `registries: ${value}\n`;
		const error = await t.throwsAsync(parseUserConfig(text), {instanceOf: BuildError});
		t.is(error?.diagnostics[0]?.code, 'cli/bad-config');
		t.is(error?.diagnostics[0]?.primary?.span.start, text.indexOf(at));
		t.deepEqual(error?.diagnostics[0]?.help, [help]);
	});
}
