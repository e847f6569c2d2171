import test from 'ava';
import {parseGitSource} from '../../src/instructions/git-source.ts';

const span = {start: 0, end: 0};
const commit = '0123456789abcdef0123456789abcdef01234567';
const flags = {span, keepGitDir: undefined, checksum: undefined};

const good: Readonly<Record<string, object>> = {
	'': {},
	'?': {},
	'#main:docs/./a': {ref: 'main', subdir: 'docs/a'},
	'?ref=main&subdir=/docs': {ref: 'main', subdir: 'docs'},
	'?ref=feature%2Fone': {ref: 'feature/one'},
	'?branch=main': {ref: 'refs/heads/main'},
	'?branch=refs/heads/main': {ref: 'refs/heads/main'},
	'?tag=v1#:docs': {ref: 'refs/tags/v1', subdir: 'docs'},
	'?ref=refs/tags/v1&tag=v1': {ref: 'refs/tags/v1'},
	'?ref=v1#v1': {ref: 'v1'},
	[`?commit=${commit}`]: {ref: commit, checksum: commit},
	[`?branch=main&checksum=${commit}`]: {ref: 'refs/heads/main', checksum: commit},
	[`?checksum=${commit}&commit=${commit}#v1`]: {ref: 'v1', checksum: commit},
	'?checksum=0123456': {checksum: '0123456'},
	'?keep-git-dir': {keepGitDir: true},
	'?keep-git-dir=1&submodules=F': {keepGitDir: true, submodules: false},
	'?keep-git-dir=false&submodules=true': {},
};

for (const [suffix, expected] of Object.entries(good)) {
	test(`a git URL that ends with .git${suffix} is understood`, (t) => {
		for (const repository of ['https://example.org/r.git', 'git@example.org:r.git'])
			t.deepEqual(parseGitSource(`${repository}${suffix}`, flags), {kind: 'git', repository, keepGitDir: false, span, ...expected});
	});
}

const bad: Readonly<Record<string, RegExp>> = {
	'?braanch=x': /no `braanch`; did you mean `branch`\?/v,
	'?quite-another': /it knows `ref`, `branch`/v,
	'?ref=': /`ref` has no value/v,
	'?ref=a&ref=b': /`ref` is given twice/v,
	'?ref=a&branch=a': /two things about the reference: `a` and `refs\/heads\/a`/v,
	'?tag=a&branch=a': /two things about the reference/v,
	'?ref=a#b': /the reference is `a` in the query of the URL, and `b` elsewhere/v,
	'?subdir=a#b:c': /the directory is `a`/v,
	'?subdir=../a': /outside the repository/v,
	'?ref=--upload-pack=x': /does not begin with `-`/v,
	'?branch=a..b': /no name of a branch/v,
	'?checksum=abc': /7 to 40 hexadecimal digits/v,
	[`?checksum=${commit}&commit=${commit.slice(0, 7)}`]: /two things about the checksum/v,
	'?submodules=maybe': /`submodules` is `true` or `false`, not `maybe`/v,
};

for (const [suffix, expected] of Object.entries(bad)) {
	test(`a git URL that ends with .git${suffix} is refused`, (t) => {
		const found = parseGitSource(`https://example.org/r.git${suffix}`, flags);
		t.regex(typeof found === 'string' ? found : '', expected);
	});
}

test('what the instruction says and what the query says agree', (t) => {
	const url = `https://example.org/r.git?keep-git-dir=true&checksum=${commit}`;
	t.like(parseGitSource(url, {span, keepGitDir: true, checksum: commit}), {keepGitDir: true, checksum: commit, ref: commit});
	t.regex(String(parseGitSource(url, {span, keepGitDir: false, checksum: undefined})), /`keep-git-dir` is `true`/v);
	t.regex(String(parseGitSource(url, {span, keepGitDir: undefined, checksum: 'abcdef0'})), /the checksum is/v);
});
