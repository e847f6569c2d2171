import test from 'ava';
import type {BaseOp, CopyOp, ExecOp, MakeDirectoryOp} from '../../src/plan/plan.ts';
import {operationKey} from '../../src/plan/step-key.ts';

const span = {start: 0, end: 1};
const exec: ExecOp = {kind: 'exec', args: ['/bin/sh', '-c', 'x'], env: [['A', '1']], user: '', cwd: '/', network: 'host'};
const copy: CopyOp = {
	kind: 'copy',
	from: {kind: 'context'},
	sources: [{kind: 'path', pattern: 'a', span}],
	destination: '/b',
	unpack: false,
};
const directory: MakeDirectoryOp = {kind: 'make-directory', path: '/a'};
const base: BaseOp = {kind: 'base', base: {kind: 'name', name: 'a'}, platform: {os: 'linux', architecture: 'amd64'}};

const changed: readonly (readonly [
	what: string,
	from: ExecOp | CopyOp | MakeDirectoryOp | BaseOp,
	to: ExecOp | CopyOp | MakeDirectoryOp | BaseOp,
])[] = [
	['an argument', exec, {...exec, args: ['/bin/sh', '-c', 'y']}],
	['where an argument ends', exec, {...exec, args: ['/bin/sh', '-c x']}],
	['a variable', exec, {...exec, env: [['A', '2']]}],
	[
		'the order of variables',
		{
			...exec,
			env: [
				['A', ''],
				['B', ''],
			],
		},
		{
			...exec,
			env: [
				['B', ''],
				['A', ''],
			],
		},
	],
	['where a name ends', exec, {...exec, env: [['A1', '']]}],
	['the user', exec, {...exec, user: 'me'}],
	['the directory', exec, {...exec, cwd: '/x'}],
	['the network', exec, {...exec, network: 'none'}],
	['the script', exec, {...exec, script: {path: '/dev/pipes/E', content: ''}}],
	['the script text', {...exec, script: {path: '/p', content: 'a'}}, {...exec, script: {path: '/p', content: 'b'}}],
	['the pattern', copy, {...copy, sources: [{kind: 'path', pattern: 'b', span}]}],
	['the number of sources', copy, {...copy, sources: [...copy.sources, ...copy.sources]}],
	[
		'a heredoc',
		{...copy, sources: [{kind: 'inline', name: 'a', content: 'x'}]},
		{...copy, sources: [{kind: 'inline', name: 'a', content: 'y'}]},
	],
	['where it comes from', copy, {...copy, from: {kind: 'step', step: 1}}],
	[
		'the image',
		{...copy, from: {kind: 'base', base: {kind: 'name', name: 'a'}}},
		{...copy, from: {kind: 'base', base: {kind: 'name', name: 'b'}}},
	],
	['the context', copy, {...copy, from: {kind: 'context', name: 'other'}}],
	['the destination', copy, {...copy, destination: '/b/'}],
	['the owner', copy, {...copy, chown: '0:0'}],
	['the mode', copy, {...copy, chmod: '644'}],
	['unpacking', copy, {...copy, unpack: true}],
	['the path', directory, {...directory, path: '/b'}],
	['the owner of a directory', directory, {...directory, owner: '1'}],
	['the base', base, {...base, base: {kind: 'name', name: 'b'}}],
	['the kind of base', base, {...base, base: {kind: 'dir', path: 'a'}}],
	['the tag', {...base, base: {kind: 'oci', path: 'a'}}, {...base, base: {kind: 'oci', path: 'a', tag: 'b'}}],
	['the platform', base, {...base, platform: {os: 'linux', architecture: 'arm64'}}],
	['the variant', base, {...base, platform: {os: 'linux', architecture: 'amd64', variant: 'v3'}}],
];

for (const [what, from, to] of changed) {
	test(`the key moves with ${what}`, (t) => {
		t.not(operationKey(from, []), operationKey(to, []));
	});
}

test('the key moves with every part of the inputs', (t) => {
	const keys = [
		[],
		[['parent', 'x']],
		[['parent', 'y']],
		[['other', 'x']],
		[
			['a', 'b'],
			['c', 'd'],
		],
		[
			['c', 'd'],
			['a', 'b'],
		],
	] as const;
	t.is(new Set(keys.map((inputs) => operationKey(exec, inputs))).size, keys.length);
});

test('spans, numbers of steps and proxies do not enter the key', (t) => {
	const elsewhere = {...copy, sources: [{kind: 'path', pattern: 'a', span: {start: 7, end: 9}}]} as const;
	t.is(operationKey(copy, []), operationKey(elsewhere, []));
	t.is(operationKey({...copy, from: {kind: 'step', step: 1}}, []), operationKey({...copy, from: {kind: 'step', step: 5}}, []));
	const proxied = {...exec, env: [...exec.env, ['http_proxy', 'x']], unkeyed: ['http_proxy']} as const;
	t.is(operationKey(exec, []), operationKey(proxied, []));
});

test('a key stays the same between versions', (t) => {
	const keys = [exec, copy, directory, base].map((op) => operationKey(op, [['parent', 'scratch']]));
	t.deepEqual(keys as readonly string[], [
		'sha256:99dbc85d5364bbf5d815c1d37f4a1a468de45d23068f2a04de8f1a9ef60d01dd',
		'sha256:d7d13e5d24aca3a9bc0d67f95efe7699de94b60d6dbb4cb2c51f7d74fd1708b4',
		'sha256:93cf7ff03599cb8871fd0a19696c793a1b83d6003750dcb396312a7cd4c2a088',
		'sha256:4265c7ad6be5ef68d2ff5a0b1ff628778419e641145aceb940f3c5f35d9d4883',
	]);
});
