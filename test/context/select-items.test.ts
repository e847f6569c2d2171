import {chmodSync, linkSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import test from 'ava';
import {rawOf} from '../../src/core/raw-path.ts';
import {digestItems} from '../../src/context/digest-items.ts';
import {findIgnoreFile} from '../../src/context/find-ignore-file.ts';
import {openFileDigests} from '../../src/context/file-digests.ts';
import {goMatch} from '../../src/context/go-match.ts';
import {ignoreRulesOf} from '../../src/context/ignore-rules.ts';
import {selectItems} from '../../src/context/select-items.ts';
import type {SelectOptions} from '../../src/context/select-options.ts';
import {BuildError} from '../../src/diagnostics/build-error.ts';
import {parseIgnore} from '../../src/language/ignore.ts';
import {codeOf, scratch} from '../support/store-support.ts';

function tree(root: string, files: Readonly<Record<string, string>>): string {
	for (const [path, content] of Object.entries(files)) {
		mkdirSync(`${root}/${path}`.replace(/\/[^\/]*$/v, ''), {recursive: true});
		writeFileSync(`${root}/${path}`, content);
	}
	return root;
}

function names(root: string, pattern: string, options?: SelectOptions): string[][] {
	return selectItems(root, [pattern], options).map((item) => [item.name, ...item.entries.map(({source}) => source)]);
}

function ignoring(text: string): SelectOptions {
	const rules = parseIgnore({name: '.boxignore', text}).value;
	if (rules === undefined) throw new Error('malformed rules');
	return {ignore: ignoreRulesOf(rules)};
}

const digest = (root: string, patterns: readonly string[]): string => digestItems(selectItems(root, patterns), openFileDigests(root));

test('a directory comes with everything below it, parents first, in byte order', (t) => {
	const root = tree(scratch(t), {'src/b': '', 'src/a/x': '', 'src/a.c': '', other: ''});
	t.deepEqual(names(root, 'src'), [['src', 'src', 'src/a', 'src/a/x', 'src/a.c', 'src/b']]);
	t.deepEqual(names(root, './src/../src/'), [['src', 'src', 'src/a', 'src/a/x', 'src/a.c', 'src/b']]);
	t.deepEqual(names(root, '/other'), [['other', 'other']]);
	t.is(names(root, '.')[0]?.length, 8);
});

test('wildcards match within components and may match nothing', (t) => {
	const root = tree(scratch(t), {'a1/x.c': '', 'a2/x.c': '', 'a2/y.h': '', 'b/x.c': '', ü: ''});
	t.deepEqual(names(root, 'a*/*.c'), [
		['x.c', 'a1/x.c'],
		['x.c', 'a2/x.c'],
	]);
	t.deepEqual(names(root, 'a[2-3]/?.h'), [['y.h', 'a2/y.h']]);
	t.deepEqual(names(root, '?'), [
		['b', 'b', 'b/x.c'],
		[rawOf('ü'), rawOf('ü')],
	]);
	t.deepEqual(names(root, '*.none'), []);
});

test('patterns match as in Go', (t) => {
	const cases: readonly (readonly [string, string, boolean | undefined])[] = [
		['abc', 'abc', true],
		['*', 'abc', true],
		['*c', 'abc', true],
		['a*', 'abc', true],
		['a*b?c*x', 'abxbbxdbxebxczzx', true],
		['a*b?c*x', 'abxbbxdbxebxczzy', false],
		['ab[c]', 'abc', true],
		['ab[^c]', 'abc', false],
		['ab[^e-g]', 'abc', true],
		['a\\*b', 'a*b', true],
		['a[^a]b', 'a☺b', true],
		['a???b', 'a☺b', false],
		['[a-ζ]*', 'α', true],
		['[\\]a]', ']', true],
		['[\\-x]', '-', true],
		['[]a]', ']', undefined],
		['[-]', '-', undefined],
		['[x-]', 'x', undefined],
		['[', 'a', undefined],
		['[^bc', 'a', undefined],
		['a\\', 'a', undefined],
		['*x', 'xxx', true],
		['', '', true],
	];
	for (const [pattern, name, expected] of cases) t.is(goMatch(rawOf(pattern), rawOf(name)), expected, `${pattern} on ${name}`);
});

test('ignored files are left out, and a rule with `!` brings back a file with its directories', (t) => {
	const root = tree(scratch(t), {'a/keep/x': '', 'a/drop/x': '', 'a/y.log': '', 'b/z.log': ''});
	t.deepEqual(names(root, '.', ignoring('a\n!a/keep\n*/*.log\n')), [['', '', 'a', 'a/keep', 'a/keep/x', 'b']]);
});

test('a missing source says what is near, which rule hides it, or where its link leads', (t) => {
	const root = tree(scratch(t), {'src/main.c': '', 'app.log': ''});
	symlinkSync('../../nowhere', `${root}/key`);
	const message = (pattern: string, options?: SelectOptions): string => {
		const error = t.throws(() => selectItems(root, [pattern], options), {instanceOf: BuildError});
		return [error?.diagnostics[0]?.code, ...(error?.diagnostics[0]?.because ?? []), ...(error?.diagnostics[0]?.help ?? [])].join(' | ');
	};
	t.is(message('scr/main.c'), 'context/missing-source | did you mean `src/main.c`?');
	t.is(message('src/mian.c'), 'context/missing-source | did you mean `src/main.c`?');
	t.is(message('main.c'), 'context/missing-source | did you mean `src/main.c`?');
	t.regex(message('main.c', ignoring('src')), /relative to the root/v);
	t.regex(message('app.log', ignoring('*.log')), /the rule `\*\.log` of \.boxignore excludes it/v);
	const hidden = t.throws(() => selectItems(root, ['none', 'app.log'], ignoring('# logs\n*.log\n')), {instanceOf: BuildError})?.diagnostics;
	t.deepEqual(
		hidden?.map(({related = []}) => related.map(({source, span}) => source.text.slice(span.start, span.end))),
		[[], ['*.log']],
	);
	t.regex(message('key'), /symbolic link to `\.\.\/\.\.\/nowhere`/v);
});

test('nothing outside the root can be selected', async (t) => {
	const top = tree(scratch(t), {secret: 'key', 'context/dir/x': ''});
	const root = `${top}/context`;
	symlinkSync('../secret', `${root}/link`);
	symlinkSync(`${top}/secret`, `${root}/absolute`);
	symlinkSync('../..', `${root}/dir/up`);
	t.is(await codeOf(() => selectItems(root, ['../secret'])), 'context/missing-source');
	t.is(await codeOf(() => selectItems(root, ['dir/../../secret'])), 'context/missing-source');
	t.is(await codeOf(() => selectItems(root, ['link'])), 'context/missing-source');
	t.is(await codeOf(() => selectItems(root, ['absolute'])), 'context/missing-source');
	t.is(await codeOf(() => selectItems(root, ['dir/up/secret'])), 'context/missing-source');
	t.is(await codeOf(() => selectItems(root, ['[a'])), 'context/malformed-pattern');
});

test('a selected link is followed under its own name, a link inside a directory is kept', (t) => {
	const root = tree(scratch(t), {'real/x': ''});
	symlinkSync('/real', `${root}/link`);
	symlinkSync('x', `${root}/real/y`);
	const [item] = selectItems(root, ['link']);
	t.is(item?.name, rawOf('link'));
	t.deepEqual(
		item?.entries.map(({source, path, type, link}) => [source, path, type, link]),
		[
			['real', '', 'directory', undefined],
			['real/x', 'x', 'file', undefined],
			['real/y', 'y', 'symlink', 'x'],
		],
	);
});

test('names that are not UTF-8 are kept as bytes and sockets are skipped', async (t) => {
	const root = scratch(t);
	writeFileSync(Buffer.concat([Buffer.from(`${root}/a`), Buffer.from([0xff, 0x0a])]), 'x');
	const server = createServer();
	await new Promise<void>((done) => server.listen(`${root}/socket`, done));
	t.deepEqual(names(root, '.'), [['', '', 'a\u00ff\n']]);
	t.is(digest(root, ['.']).length, 71);
	server.close();
});

test('the digest moves with content, mode, type, name and link, and with nothing else', (t) => {
	const make = (): string => tree(scratch(t), {'d/a': 'one', 'd/b': 'two'});
	const base = digest(make(), ['d']);
	t.is(digest(make(), ['d']), base);
	const changes: readonly ((root: string) => void)[] = [
		(root) => writeFileSync(`${root}/d/a`, 'onE'),
		(root) => chmodSync(`${root}/d/a`, 0o755),
		(root) => chmodSync(`${root}/d`, 0o700),
		(root) => writeFileSync(`${root}/d/c`, ''),
		(root) => symlinkSync('a', `${root}/d/c`),
		(root) => symlinkSync('b', `${root}/d/c`),
		(root) => mkdirSync(`${root}/d/c`),
		(root) => linkSync(`${root}/d/a`, `${root}/d/c`),
	];
	const digests = changes.map((change) => {
		const root = make();
		change(root);
		return digest(root, ['d']);
	});
	t.is(new Set([base, ...digests]).size, changes.length + 1);
});

test('an ignore file is found by its precedence and may not leave the context', async (t) => {
	const top = tree(scratch(t), {secret: 'x', 'context/.dockerignore': 'd', 'context/Boxfile': ''});
	const context = `${top}/context`;
	t.is(findIgnoreFile(context, `${context}/Boxfile`)?.text, 'd');
	tree(context, {'.boxignore': 'b'});
	t.is(findIgnoreFile(context, `${context}/Boxfile`)?.name, '.boxignore');
	tree(context, {'Boxfile.dockerignore': 'own'});
	t.deepEqual(findIgnoreFile(context, `${context}/Boxfile`), {name: 'Boxfile.dockerignore', text: 'own'});
	symlinkSync('../secret', `${context}/Boxfile.boxignore`);
	t.is(await codeOf(() => findIgnoreFile(context, `${context}/Boxfile`)), 'context/ignore-file-outside');
	t.is(findIgnoreFile(`${top}/nothing`), undefined);
});
