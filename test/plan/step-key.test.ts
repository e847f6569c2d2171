import test from 'ava';
import type {BaseOp, CopyOp, ExecOp, GitSource, MakeDirectoryOp, UrlSource} from '../../src/plan/plan.ts';
import type {RunMount} from '../../src/plan/run-mount.ts';
import {operationKey} from '../../src/plan/step-key.ts';
import {execsOf, planOf} from '../support/compile-text.ts';

const span = {start: 0, end: 1};
const exec: ExecOp = {kind: 'exec', args: ['/bin/sh', '-c', 'x'], env: [['A', '1']], user: '', cwd: '/', network: 'host'};
const attributes = {mode: 0o755, uid: 0, gid: 0};
const bind: RunMount = {kind: 'bind', target: '/m', from: {kind: 'context'}, source: 'a', writable: false, span};
const cache: RunMount = {kind: 'cache', target: '/m', id: 'a', sharing: 'shared', writable: true, source: '', attributes, span};
const tmpfs: RunMount = {kind: 'tmpfs', target: '/m', writable: true, span};
const secret: RunMount = {kind: 'secret', target: '/m', id: 'a', required: false, attributes, span};
const ssh: RunMount = {kind: 'ssh', target: '/m', id: 'a', required: false, attributes, span};
const withMounts = (...mounts: readonly RunMount[]): ExecOp => ({...exec, mounts});
const mounted: readonly (readonly [what: string, from: RunMount, to: RunMount])[] = [
	['the type of a mount', tmpfs, cache],
	['the target of a bind', bind, {...bind, target: '/n'}],
	['whether a bind can be written', bind, {...bind, writable: true}],
	['the target of a cache', cache, {...cache, target: '/n'}],
	['the id of a cache', cache, {...cache, id: 'b'}],
	['how a cache is shared', cache, {...cache, sharing: 'locked'}],
	['whether a cache can be written', cache, {...cache, writable: false}],
	['the directory of a cache', cache, {...cache, source: 'b'}],
	['the mode of a cache', cache, {...cache, attributes: {...attributes, mode: 0o700}}],
	['the user of a cache', cache, {...cache, attributes: {...attributes, uid: 1}}],
	['the group of a cache', cache, {...cache, attributes: {...attributes, gid: 1}}],
	['the target of a tmpfs', tmpfs, {...tmpfs, target: '/n'}],
	['the size of a tmpfs', tmpfs, {...tmpfs, size: 1}],
	['whether a tmpfs can be written', tmpfs, {...tmpfs, writable: false}],
	['the id of a secret', secret, {...secret, id: 'b'}],
	['the target of a secret', secret, {...secret, target: '/n'}],
	['the variable of a secret', secret, {...secret, env: 'A'}],
	['whether a secret has to be there', secret, {...secret, required: true}],
	['the mode of a secret', secret, {...secret, attributes: {...attributes, mode: 0o400}}],
	['the user of a secret', secret, {...secret, attributes: {...attributes, uid: 1}}],
	['the id of an agent', ssh, {...ssh, id: 'b'}],
	['the target of an agent', ssh, {...ssh, target: '/n'}],
	['whether an agent has to be there', ssh, {...ssh, required: true}],
	['the group of an agent', ssh, {...ssh, attributes: {...attributes, gid: 1}}],
];
const copy: CopyOp = {
	kind: 'copy',
	from: {kind: 'context'},
	sources: [{kind: 'path', pattern: 'a', span}],
	destination: '/b',
	unpack: false,
};
const url: UrlSource = {kind: 'url', url: 'https://example.org/f', name: 'f', span};
const git: GitSource = {kind: 'git', repository: 'https://example.org/r.git', keepGitDir: false, span};
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
	...mounted.map(([what, from, to]) => [what, withMounts(from), withMounts(to)] as const),
	['a mount', exec, withMounts(tmpfs)],
	['the order of mounts', withMounts(tmpfs, cache), withMounts(cache, tmpfs)],
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
	['unpacking what is remote', copy, {...copy, unpackRemote: true}],
	['what is excluded', copy, {...copy, exclude: ['*.md']}],
	['the patterns of what is excluded', {...copy, exclude: ['a', 'b']}, {...copy, exclude: ['ab']}],
	['the order of what is excluded', {...copy, exclude: ['a', '!b']}, {...copy, exclude: ['!b', 'a']}],
	['keeping parents', copy, {...copy, parents: true}],
	['linking', copy, {...copy, link: true}],
	['the name of a URL', {...copy, sources: [url]}, {...copy, sources: [{...url, name: 'g'}]}],
	['the checksum of a URL', {...copy, sources: [url]}, {...copy, sources: [{...url, checksum: 'sha256:00'}]}],
	['the directory of a repository', {...copy, sources: [git]}, {...copy, sources: [{...git, subdir: 'a'}]}],
	['leaving submodules out', {...copy, sources: [git]}, {...copy, sources: [{...git, submodules: false}]}],
	['keeping .git', {...copy, sources: [git]}, {...copy, sources: [{...git, keepGitDir: true}]}],
	['the kind of source', {...copy, sources: [url]}, {...copy, sources: [git]}],
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
	// Where a remote source is says nothing of its content, which is among the inputs.
	const moved = {...copy, sources: [{...url, url: 'https://user:secret@example.org/f'}]};
	t.is(operationKey({...copy, sources: [url]}, []), operationKey(moved, []));
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

test('where the files of a bind come from does not move the key, its content is an input', (t) => {
	const other: RunMount = {...bind, from: {kind: 'step', step: 3}, source: 'b', span: {start: 5, end: 6}};
	t.is(operationKey(withMounts(bind), [['mount 0', 'a']]), operationKey(withMounts(other), [['mount 0', 'a']]));
	t.not(operationKey(withMounts(bind), [['mount 0', 'a']]), operationKey(withMounts(bind), [['mount 0', 'b']]));
});

for (const flag of ['--retry=3', '--timeout=1s', '--no-cache', '--cache-ttl=1h']) {
	test(`the key does not move with ${flag}, nor does the history`, (t) => {
		const [plain, hinted] = ['', flag].map((text) => planOf(`FROM scratch\nRUN ${text} a\n`));
		if (plain === undefined || hinted === undefined) throw new Error('there are two plans');
		t.notDeepEqual(plain.steps[1]?.hints, hinted.steps[1]?.hints);
		t.is(plain.steps[1]?.createdBy, hinted.steps[1]?.createdBy);
		const keys = [plain, hinted].flatMap(execsOf).map((op) => operationKey(op, []));
		t.is(keys.length, 2);
		t.is(keys[0], keys[1]);
	});
}
