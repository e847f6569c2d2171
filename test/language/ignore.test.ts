import * as fc from 'fast-check';
import test from 'ava';
import {rawOf} from '../../src/core/raw-path.ts';
import {readUnits} from '../../src/language/glob.ts';
import {matchIgnore, mayPrune, parseIgnore, type IgnoreRules} from '../../src/language/ignore.ts';
import {globMatcher} from '../../src/language/match-glob.ts';

/** Vectors of moby/patternmatcher's TestMatches: pattern, path, whether it matches. */
const vectors: readonly (readonly [pattern: string, path: string, matches: boolean])[] = [
	['**', 'file', true],
	['**', 'dir/file', true],
	['**/', 'file', true],
	['**/', 'dir/file', true],
	['**/**', 'dir/file', true],
	['dir/**', 'dir/file', true],
	['dir/**', 'dir/dir2/file', true],
	['**/dir', 'dir', true],
	['**/dir', 'dir/file', true],
	['**/dir2/*', 'dir/dir2/file', true],
	['**/dir2/*', 'dir/dir2/dir2/file', true],
	['**/dir2/**', 'dir/dir2/dir2/file', true],
	['**file', 'file', true],
	['**file', 'dir/file', true],
	['**file', 'dir/afile', true],
	['**file', 'files', false],
	['**.d/file', 'a/b.d/file', true],
	['**file*', 'afile', false],
	['**/file', 'dir/dir/file', true],
	['**/file*', 'dir/dir/file.txt', true],
	['**/file*txt', 'dir/dir/file.txt', true],
	['**/file*.txt*', 'dir/dir/file.txt', true],
	['**/**/*.txt', 'dir/dir/file.txt', true],
	['**/**/*.txt2', 'dir/dir/file.txt', false],
	['**/*.txt', 'file.txt', true],
	['**/**/*.txt', 'file.txt', true],
	['a**/*.txt', 'a/file.txt', true],
	['a**/*.txt', 'a/dir/file.txt', true],
	['a/*.txt', 'a/dir/file.txt', false],
	['a/*.txt', 'a/file.txt', true],
	['a/*.txt**', 'a/file.txt', true],
	['a[b-d]e', 'ae', false],
	['a[b-d]e', 'ace', true],
	['a[b-d]e', 'aae', false],
	['a[^b-d]e', 'aze', true],
	['.*', '.foo', true],
	['.*', 'foo', false],
	['abc.def', 'abcdef', false],
	['abc.def', 'abc.def', true],
	['abc.def', 'abcZdef', false],
	['abc?def', 'abcZdef', true],
	['abc?def', 'abcdef', false],
	['a\\\\', 'a\\', true],
	['a\\b', 'ab', true],
	['a\\b', 'ac', false],
	['**/foo/bar', 'foo/bar', true],
	['**/foo/bar', 'dir/foo/bar', true],
	['**/foo/bar', 'dir/dir2/foo/bar', true],
	['abc/**', 'abc', false],
	['abc/**', 'abc/def', true],
	['abc/**', 'abc/def/ghi', true],
	['**/.foo', '.foo', true],
	['**/.foo', 'bar.foo', false],
	['./bar', 'bar', true],
	['/bar', 'bar', true],
	['bar/../foo/', 'foo', true],
	['a(b)c/def', 'a(b)c/def', true],
	['a(b)c/def', 'a(b)c/xyz', false],
	['a.|)$(}+{bc', 'a.|)$(}+{bc', true],
	['dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl', 'dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl', true],
	['日*', '日本', true],
	['dir', 'dir/sub/file', true],
	['dir', 'dirx', false],
];

for (const [pattern, path, matches] of vectors) {
	test(`${pattern} ${matches ? 'matches' : 'does not match'} ${path}`, (t) => {
		t.is(matchIgnore(rulesOf(pattern), rawOf(path)).ignored, matches);
	});
}

test('the last pattern that matches wins', (t) => {
	const rules = rulesOf('# comment', '', '*.md', '!README*.md', 'README-secret.md');
	const ignored = ['a.md', 'README.md', 'README-secret.md', 'x'].map((path) => matchIgnore(rules, rawOf(path)).ignored);
	t.deepEqual(ignored, [true, false, true, false]);
});

test('a later exception reaches into an ignored directory', (t) => {
	const rules = rulesOf('dir', '!dir/keep', 'dir/keep/not');
	const ignored = ['dir', 'dir/a', 'dir/keep', 'dir/keep/x', 'dir/keep/not/x'].map((path) => matchIgnore(rules, rawOf(path)).ignored);
	t.deepEqual(ignored, [true, true, false, false, true]);
});

test('malformed patterns are reported with their place', (t) => {
	const {diagnostics} = parseIgnore({name: '.boxignore', text: 'ok\n[a\n!\nb\\\n'});
	t.deepEqual(
		diagnostics.map(({primary}) => primary?.span.start),
		[3, 6, 8],
	);
});

test('a directory is pruned only when nothing below can come back', (t) => {
	t.true(mayPrune(rulesOf('node_modules'), rawOf('node_modules')));
	t.false(mayPrune(rulesOf('*', '!src/*.ts'), rawOf('src')));
	t.true(mayPrune(rulesOf('*', '!src/*.ts'), rawOf('lib')));
	t.false(mayPrune(rulesOf('*', '!**/keep'), rawOf('lib')));
	t.true(mayPrune(rulesOf('!src', '*'), rawOf('src')));
	t.false(mayPrune(rulesOf('lib'), rawOf('src')));
});

test('nothing below a pruned directory is in the context', (t) => {
	const name = fc.constantFrom('a', 'b', 'c*', '*', '**', '?', '[ab]');
	const pattern = fc.tuple(fc.boolean(), fc.array(name, {minLength: 1, maxLength: 3}));
	const path = fc.array(fc.constantFrom('a', 'b', 'ca'), {minLength: 2, maxLength: 4});
	const property = fc.property(fc.array(pattern, {maxLength: 4}), path, (patterns, parts) => {
		const rules = rulesOf(...patterns.map(([negated, names]) => (negated ? '!' : '') + names.join('/')));
		const directory = rawOf(parts.slice(0, -1).join('/'));
		return !mayPrune(rules, directory) || matchIgnore(rules, rawOf(parts.join('/'))).ignored;
	});
	t.notThrows(() => fc.assert(property, {numRuns: 2000}));
});

function rulesOf(...lines: readonly string[]): IgnoreRules {
	const source = {name: '.boxignore', text: lines.join('\n')};
	return parseIgnore(source).value ?? {source, patterns: []};
}

test('a pattern with many stars matches what its regular expression does', (t) => {
	const piece = fc.constantFrom('*', '**', '**/', '?', '[ab]', '[^a]', '\\*', 'a', 'b', '/', '*a');
	const path = fc.array(fc.constantFrom('a', 'b', '/', '*'), {maxLength: 8});
	const property = fc.property(fc.array(piece, {maxLength: 8}), path, (pieces, chars) => {
		const units = readUnits(pieces.join('')) ?? [];
		const expression = new RegExp(`^${units.map((unit) => unit.expression).join('')}$`, '');
		return globMatcher(units)(chars.join('')) === expression.test(chars.join(''));
	});
	t.notThrows(() => fc.assert(property, {numRuns: 5000}));
});

test('no pattern is slow', (t) => {
	const start = performance.now();
	for (const pattern of ['*a'.repeat(100) + 'b', '**/a'.repeat(100) + 'b', '**a'.repeat(100) + 'b', '?*'.repeat(100) + 'b'])
		t.false(matchIgnore(rulesOf(pattern), rawOf('a'.repeat(250) + '/a'.repeat(100))).ignored);
	t.true(performance.now() - start < 20_000);
});
