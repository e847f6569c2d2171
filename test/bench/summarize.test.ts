import {join} from 'node:path';
import test from 'ava';
import {topFolder} from '../support/top.ts';

interface Result extends Record<string, unknown> {
	readonly samples: readonly object[];
	readonly peaks?: object;
}

const {summarize} = (await load('summarize.mjs')) as {summarize: (samples: readonly object[]) => readonly Result[]};
const {renderTables} = (await load('render-tables.mjs')) as {renderTables: (results: readonly Result[], started: object) => string};
const {roleOf} = (await load('watch-peaks.mjs')) as {roleOf: (words: readonly string[]) => string | undefined};

const build = {workload: 'w', title: 'a build', phase: 'cold', goal: 0.5, content: 1e6};
const samples = [
	{...build, tool: 'boxbuild', round: 0, seconds: 1, cpu: 0.5, peak: 50e6, written: 2e6},
	{...build, tool: 'buildkit', round: 0, seconds: 2, cpu: 0.1, peak: 30e6, written: 0},
	{...build, tool: 'buildkit', round: 1, failed: true},
	{...build, tool: 'boxbuild', round: 1, seconds: 3, cpu: 0.7, peak: 70e6, written: 4e6},
	{...build, tool: 'boxbuild', round: 2, seconds: 1.5, cpu: 0.6, peak: 60e6, written: 3e6},
	{...build, tool: 'boxbuild', round: 3, peaks: {command: 60e6, worker: 90e6}},
];

test('a result has the median of what was measured, the largest peak and the peaks of the watched run', (t) => {
	const [ours, theirs, ...more] = summarize(samples);
	t.like(ours, {tool: 'boxbuild', median: 1.5, least: 1, most: 3, cpu: 0.6, leastCpu: 0.5, mostCpu: 0.7, peak: 70e6, written: 3e6});
	t.deepEqual(ours?.peaks, {command: 60e6, worker: 90e6});
	t.is(ours?.samples.length, 3);
	t.like(theirs, {tool: 'buildkit', median: 2, peaks: undefined});
	t.deepEqual(more, []);
});

test('the table is Markdown with every column filled', (t) => {
	const [headings, rule, row, note, ...more] = String(
		renderTables(summarize(samples), {leftOut: [{name: 'buildah', reason: 'it is missing'}]}),
	)
		.split('\n')
		.filter((line) => line !== '');
	const cells = (line = ''): readonly string[] =>
		line
			.split('|')
			.slice(1, -1)
			.map((cell) => cell.trim());
	t.true(cells(rule).every((cell) => /^-+$/v.test(cell)));
	t.deepEqual(Object.fromEntries(cells(headings).map((heading, at) => [heading, cells(row)[at]])), {
		workload: 'a build, cold',
		bare: '',
		buildah: '',
		buildkit: '2.00 (2.00-2.00)',
		boxbuild: '1.50 (1.00-3.00)',
		'x buildah': '',
		'x buildkit': '0.75',
		goal: '<= 0.5 missed',
		'x bare': '',
		crowded: '',
		CPU: '0.60',
		peak: '70 MB',
		command: '60 MB',
		worker: '90 MB',
		written: '3.0 MB',
		'x content': '3.00',
	});
	t.is(note, 'buildah was left out: it is missing');
	t.deepEqual(more, []);
});

test('the processes of boxbuild are known by their programs, and no others are', (t) => {
	t.is(roleOf(['/usr/bin/node', '/p/src/boxbuild.js', 'build', '/worker.mjs']), 'command');
	t.is(roleOf(['/usr/bin/node', '--no-warnings', '/p/.build/bin/boxbuild.mjs']), 'command');
	t.is(roleOf(['node', '/p/.build/bin/worker.mjs', '{}']), 'worker');
	t.is(roleOf(['node', '/p/.build/bin/worker.cjs']), 'worker');
	t.is(roleOf(['node', '/p/test/bench/measured-process.mjs', 'node', '/p/src/boxbuild.js']), undefined);
	t.is(roleOf(['sh', '-c', 'node boxbuild.js']), undefined);
	t.is(roleOf(['']), undefined);
});

function load(name: string): Promise<unknown> {
	return import(join(topFolder(), 'test/bench', name));
}
