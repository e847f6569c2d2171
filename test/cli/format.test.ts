import {readFileSync} from 'node:fs';
import test from 'ava';
import {exitCodeOf} from '../../src/cli/exit-code.ts';
import {formatBytes} from '../../src/core/format-bytes.ts';
import {formatTable} from '../../src/cli/format-table.ts';
import {formatDuration} from '../../src/cli/progress/step-names.ts';
import {programVersion} from '../../src/core/program-version.ts';
import type {Code} from '../../src/diagnostics/code.ts';
import {topFolder} from '../support/top.ts';

test('sizes have one decimal above a kilobyte', (t) => {
	t.deepEqual([0, 999, 1000, 170_401_280, 5e12].map(formatBytes), ['0 B', '999 B', '1.0 kB', '170.4 MB', '5.0 TB']);
});

test('durations are short', (t) => {
	t.deepEqual([4, 9990, 12_340, 185_000].map(formatDuration), ['0.00s', '9.99s', '12.3s', '3m05s']);
});

test('a table is as wide as its widest cells', (t) => {
	t.is(formatTable(['NAME', 'N'], [['a-long-name', '1']]), 'NAME         N\na-long-name  1\n');
});

test('the version of the program is the version of the package', (t) => {
	const {version} = JSON.parse(readFileSync(`${topFolder()}/package.json`, 'utf8')) as {readonly version: string};
	t.is(programVersion, version);
});

test('the exit code follows the first error', (t) => {
	const of = (code: string): number => exitCodeOf([{code: code as Code, severity: 'error', message: ''}]);
	t.deepEqual(
		[
			'step/exit-code',
			'syntax/unexpected-text',
			'base/not-in-store',
			'env/no-driver',
			'store/no-space',
			'base/damaged',
			'internal/bug',
		].map(of),
		[1, 2, 2, 3, 4, 4, 70],
	);
});
