import test from 'ava';
import {brief, inventoryOf, problemsOf} from '../support/layered-files.ts';

const json = (name: string, version: string, more: object = {}): string => JSON.stringify({name, version, ...more});

test('packages are found where npm installs them, scoped ones and nested ones too', (t) => {
	const inventory = inventoryOf({
		'app/package.json': json('app', '1.0.0'),
		'app/node_modules/ms/package.json': json('ms', '2.1.3'),
		'app/node_modules/@types/node/package.json': json('@types/node', '20.0.0'),
		'app/node_modules/a/node_modules/ms/package.json': json('ms', '2.0.0'),
		'app/node_modules/a/test/broken/package.json': '{',
		'app/node_modules/a/dist/package.json': '{"type":"module"}',
		'app/node_modules/.cache/x/package.json': json('x', '1.0.0'),
		'app/node_modules/.pnpm/b@1.0.0/node_modules/b/package.json': json('b', '1.0.0'),
		'usr/lib/node_modules/npm/package.json': json('npm', '9.2.0'),
	});
	t.deepEqual(brief(inventory), ['@types/node 20.0.0 0', 'b 1.0.0 0', 'ms 2.0.0 0', 'ms 2.1.3 0', 'npm 9.2.0 0']);
	t.deepEqual(problemsOf(inventory), []);
});

test('every form of a licence and an author is read', (t) => {
	const licencesOf = (more: object): readonly string[] | undefined =>
		inventoryOf({'node_modules/a/package.json': json('a', '1', more)}).packages[0]?.licences;
	t.deepEqual(licencesOf({license: 'MIT'}), ['MIT']);
	t.deepEqual(licencesOf({license: {type: 'BSD', url: 'x'}}), ['BSD']);
	t.deepEqual(licencesOf({licenses: [{type: 'MIT'}, 'Apache-2.0', 7, [['MIT']]]}), ['MIT', 'Apache-2.0']);
	t.deepEqual(licencesOf({license: null}), []);
	t.is(inventoryOf({'node_modules/a/package.json': json('a', '1', {author: {name: 'A'}})}).packages[0]?.supplier, 'A');
});

test('a layer brings a package when it writes another version, not when it touches the same', (t) => {
	const path = 'srv/node_modules/ms/package.json';
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {[path]: json('ms', '1', {x: 1})})), ['ms 1 0']);
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {[path]: json('ms', '2')}, {[path]: json('ms', '2')})), ['ms 2 1']);
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {[path]: json('ms', '2')}, {[path]: json('ms', '1')})), ['ms 1 2']);
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {'srv/node_modules': 'deleted'}, {[path]: json('ms', '1')})), ['ms 1 2']);
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {'srv/node_modules/ms': 'deleted'})), []);
	t.deepEqual(brief(inventoryOf({[path]: json('ms', '1')}, {'srv/node_modules/ms': {symlink: '../x'}})), []);
});

test('what cannot be read is a note about that file only', (t) => {
	const cases: Readonly<Record<string, RegExp>> = {
		'{"name":"a"': /it is not JSON in UTF-8/v,
		'{"name":"a"}': /it has no name or no version/v,
		[`{"name":"a","version":"1","x":${'['.repeat(10_000)}${']'.repeat(10_000)}}`]: /nested more than 64 deep/v,
		[`{"name":"a","version":"1","x":"${'x'.repeat(5_000_000)}"}`]: /bytes, 4194304 are read at most/v,
	};
	for (const [text, expected] of Object.entries(cases)) {
		const inventory = inventoryOf({'node_modules/a/package.json': text, 'node_modules/b/package.json': json('b', '1')});
		t.deepEqual(brief(inventory), ['b 1 0']);
		t.regex(problemsOf(inventory)[0] ?? '', expected);
		t.is(inventory.problems[0]?.kind, 'partial');
	}
	t.deepEqual(problemsOf(inventoryOf({'node_modules/a/package.json': '{'}, {'node_modules/a/package.json': json('a', '1')})), []);
});
