import test from 'ava';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {parseLimit, parseLimits} from '../../src/cli/limit-options.ts';
import {formatMemory} from '../../src/core/format-memory.ts';

test('memory is written as for docker and podman, or with the units of other options', (t) => {
	for (const [text, bytes] of [
		['512m', 512 * 1024 ** 2],
		['2G', 2 * 1024 ** 3],
		['1.5g', 1.5 * 1024 ** 3],
		['65536k', 64 * 1024 ** 2],
		['10000000b', 1e7],
		['10000000', 1e7],
		['800MB', 8e8],
		['800MiB', 800 * 1024 ** 2],
	] as const)
		t.is(parseLimit('memory', text), bytes, text);
	for (const text of ['', '5m', '0', '-1', '1e9', 'm', '512 x', '9999999999999999g']) t.is(parseLimit('memory', text), undefined, text);
});

test('processors may be parts, processes not', (t) => {
	t.is(parseLimit('cpus', '1.5'), 1.5);
	t.is(parseLimit('cpus', '0.01'), 0.01);
	for (const text of ['0', '0.001', '-1', 'all', '1,5', '']) t.is(parseLimit('cpus', text), undefined, text);
	t.is(parseLimit('pids', '100'), 100);
	for (const text of ['0', '-1', '1.5', 'max', '']) t.is(parseLimit('pids', text), undefined, text);
});

test('an option wins over its variable; what is not given is not limited', (t) => {
	t.deepEqual(parseLimits({}, {}), {});
	t.deepEqual(parseLimits({memory: '64m'}, {BOXBUILD_MEMORY: '1g', BOXBUILD_PIDS: '7', BOXBUILD_CPUS: ''}), {
		memory: 64 * 1024 ** 2,
		pids: 7,
	});
	for (const [flags, env, option] of [
		[{cpus: ''}, {}, '--cpus'],
		[{}, {BOXBUILD_MEMORY: 'much'}, 'BOXBUILD_MEMORY'],
	] as const) {
		const error = t.throws(() => parseLimits(flags, env), {instanceOf: BuildError});
		t.is(error?.diagnostics[0]?.data?.['option'], option);
	}
});

test('memory is told in the units in which it is whole', (t) => {
	t.is(formatMemory(512 * 1024 ** 2), '512 MiB');
	t.is(formatMemory(2 * 1024 ** 3), '2 GiB');
	t.is(formatMemory(8e8), '800.0 MB');
});
