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
