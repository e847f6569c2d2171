import test from 'ava';
import {parseIdMap} from '../../src/isolation/id-map.ts';
import {idModes} from '../../src/isolation/id-mode.ts';

test('the lines of an id map give the ranges inside the namespace', (t) => {
	t.deepEqual(parseIdMap('         0       1000          1\n         1     100000      65536\n'), [
		{first: 0, count: 1},
		{first: 1, count: 65_536},
	]);
});

test('root uses its own ids and nobody else does', (t) => {
	const path = ['/usr/bin', '/usr/sbin'];
	const fitting = (uid: number) =>
		idModes.filter((mode) => mode.obstacle({uid, gid: uid, name: 'nobody-has-this-name', path}) === undefined).map((mode) => mode.name);
	t.deepEqual(fitting(0), ['root']);
	t.deepEqual(fitting(54_321), ['single']);
});

test('a builder without newuidmap is told so', (t) => {
	const multi = idModes.find((mode) => mode.name === 'multi');
	t.regex(multi?.obstacle({uid: 54_321, gid: 54_321, name: 'x', path: ['/nowhere']}) ?? '', /newuidmap is not installed/v);
});
