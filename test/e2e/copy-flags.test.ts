import test from 'ava';
import {mkdirSync, symlinkSync, writeFileSync} from 'node:fs';
import {listResult, pathsOf} from '../support/list-result.ts';
import {printedBy, Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const sources: Files = {
	'docs/a.md': 'a',
	'docs/a.txt': 'a',
	'docs/deep/b.md': 'b',
	'docs/deep/keep.md': 'keep',
	'home.txt': 'x',
	'home.md': 'x',
	'packages/one/package.json': '{}',
	'packages/one/index.js': '',
	'packages/two/package.json': '{}',
	'packages/two/lib/package.json': '{}',
};

const pathsFor = async (t: Parameters<typeof listResult>[0], lines: string, files: Files = {}): Promise<readonly string[]> =>
	pathsOf(await listResult(t, place, {Boxfile: `FROM scratch\n${lines}\n`, ...sources, ...files}));

test.serial('--exclude leaves files out below a directory and among matches, with ignore file patterns', async (t) => {
	t.deepEqual(await pathsFor(t, 'COPY --exclude=*.md docs /d/'), ['d/', 'd/a.txt', 'd/deep/', 'd/deep/b.md', 'd/deep/keep.md']);
	t.deepEqual(await pathsFor(t, 'COPY --exclude=**/*.md --exclude=!deep/keep.md docs /d/'), ['d/', 'd/a.txt', 'd/deep/', 'd/deep/keep.md']);
	t.deepEqual(await pathsFor(t, 'COPY --exclude=deep docs /d/'), ['d/', 'd/a.md', 'd/a.txt']);
	t.deepEqual(await pathsFor(t, 'COPY --exclude=*.txt hom* /d/'), ['d/', 'd/home.md']);
	t.deepEqual(await pathsFor(t, 'ARG E=txt\nADD --exclude=*.$E --exclude=none hom* /d/'), ['d/', 'd/home.md']);
	t.deepEqual(await pathsFor(t, 'COPY docs /d\nFROM scratch\nCOPY --from=0 --exclude=**/*.md /d /e'), ['e/', 'e/a.txt', 'e/deep/']);
});

test.serial('--exclude is part of the key, and what it leaves out is not', async (t) => {
	const files = {Boxfile: 'FROM scratch\nCOPY --exclude=*.md docs /d/\n', ...sources};
	const hit = async (changed: Files): Promise<boolean> =>
		/ cached|hit/iv.test((await place.built(t, {...files, ...changed}, ['--progress', 'plain'])).stderr);
	const first = await place.digest(t, files);
	t.is(await place.digest(t, {...files, 'docs/a.md': 'other'}), first);
	t.not(await place.digest(t, {...files, 'docs/a.txt': 'other'}), first);
	t.true(await hit({'docs/a.md': 'another'}));
});

test.serial('--parents keeps the path of a source, up to a pivot', async (t) => {
	t.deepEqual(await pathsFor(t, 'COPY --parents packages/*/package.json /d/'), [
		'd/',
		'd/packages/',
		'd/packages/one/',
		'd/packages/one/package.json',
		'd/packages/two/',
		'd/packages/two/package.json',
	]);
	t.deepEqual(await pathsFor(t, 'COPY --parents packages/./*/package.json home.txt /d/'), [
		'd/',
		'd/home.txt',
		'd/one/',
		'd/one/package.json',
		'd/two/',
		'd/two/package.json',
	]);
	t.deepEqual(await pathsFor(t, 'COPY --parents packages/two/./**/package.json /d/'), [
		'd/',
		'd/lib/',
		'd/lib/package.json',
		'd/package.json',
	]);
	t.deepEqual(await pathsFor(t, 'COPY --parents ./docs/deep /d/'), [
		'd/',
		'd/docs/',
		'd/docs/deep/',
		'd/docs/deep/b.md',
		'd/docs/deep/keep.md',
	]);
	t.deepEqual(await pathsFor(t, 'COPY --parents --exclude=**/two docs/./deep/b.md packages/*/package.json /d/'), [
		'd/',
		'd/deep/',
		'd/deep/b.md',
		'd/packages/',
		'd/packages/one/',
		'd/packages/one/package.json',
	]);
	t.deepEqual(await pathsFor(t, 'COPY . /s\nFROM scratch\nCOPY --from=0 --parents /s/./docs/*.txt /'), ['docs/', 'docs/a.txt']);
});

test.serial('--parents names what is missing, and does not leave the context', async (t) => {
	const missing = await place.build({Boxfile: 'FROM scratch\nCOPY --parents packages/./thre/x /\n', ...sources});
	t.is(missing.code, 2);
	t.regex(missing.stderr, /context\/missing-source/v);
	t.regex((await place.build({Boxfile: 'FROM scratch\nCOPY --parents ../x /\n'})).stderr, /context\/outside/v);
	const context = place.context({
		Boxfile: 'FROM scratch\nCOPY --parents link/./**/secret* /d/\nCOPY --parents docs/./a.txt /d/\n',
		...sources,
	});
	const outside = place.context({secret: 'no'});
	symlinkSync(outside, `${context}/link`);
	t.deepEqual(pathsOf(await listResult(t, place, context)), ['d/', 'd/a.txt']);
});

test.serial('--link does not follow links of the image and does not depend on it', async (t) => {
	const base = 'FROM scratch AS base\nCOPY tree /\n';
	const context = place.context({Boxfile: `${base}COPY --link home.txt /link/x/\n`, 'tree/real/f': 'f', ...sources});
	symlinkSync('real', `${context}/tree/link`);
	const linked = pathsOf(await listResult(t, place, context));
	t.deepEqual(linked, ['link/', 'link/x/', 'link/x/home.txt', 'real/', 'real/f']);
	writeFileSync(`${context}/Boxfile`, `${base}COPY home.txt /link/x/\n`);
	t.deepEqual(pathsOf(await listResult(t, place, context)), ['link -> real', 'real/', 'real/f', 'real/x/', 'real/x/home.txt']);
	writeFileSync(`${context}/Boxfile`, `${base}COPY --link home.txt /link/x/\n`);
	mkdirSync(`${context}/tree/link2`);
	const again = await place.built(t, context, ['--progress', 'plain']);
	t.regex(again.stderr, /COPY --link.*(?:cached|hit)|(?:cached|hit).*COPY --link/iv);
});

test.serial('--link looks the names of --chown up in the image', async (t) => {
	const files = {
		Boxfile: 'FROM scratch\nCOPY etc /etc\nCOPY --link --chown=app home.txt /h\n',
		'etc/passwd': 'app:x:77:88::/:/bin/sh\n',
		...sources,
	};
	t.true((await listResult(t, place, files)).includes('-rw-r--r-- 77/88 h'));
});

test.serial('--unpack decides over archives, and --chmod leaves what they hold alone', async (t) => {
	const context = place.context({Boxfile: '', ...sources});
	await printedBy(['tar', '-C', `${context}/docs`, '-czf', `${context}/docs.tgz`, 'a.md', 'deep']);
	const listed = async (lines: string): Promise<readonly string[]> => {
		writeFileSync(`${context}/Boxfile`, `FROM scratch\n${lines}\n`);
		return listResult(t, place, context);
	};
	t.deepEqual(pathsOf(await listed('ADD docs.tgz /d/')), ['d/', 'd/a.md', 'd/deep/', 'd/deep/b.md', 'd/deep/keep.md']);
	t.deepEqual(await listed('ADD --unpack=true docs.tgz /d/'), await listed('ADD docs.tgz /d/'));
	t.deepEqual(pathsOf(await listed('ADD --unpack=false docs.tgz /d/')), ['d/', 'd/docs.tgz']);
	t.true((await listed('ADD --chmod=0600 --chown=0:0 docs.tgz home.txt /d/')).includes('-rw-r--r-- 0/0 d/a.md'));
	t.true((await listed('ADD --chmod=0600 --chown=0:0 docs.tgz home.txt /d/')).includes('-rw------- 0/0 d/home.txt'));
});

test.serial('--chown holds for what an archive brings', async (t) => {
	const context = place.context({Boxfile: 'FROM scratch\nADD --chown=5:6 docs.tgz /d/\n', ...sources});
	await printedBy(['tar', '-C', `${context}/docs`, '-czf', `${context}/docs.tgz`, 'a.md']);
	t.deepEqual(await listResult(t, place, context), ['drwxr-xr-x 5/6 d/', '-rw-r--r-- 5/6 d/a.md']);
});

test.serial('malformed patterns and checksums are errors with their place', async (t) => {
	const ended = await place.build({Boxfile: 'FROM scratch\nCOPY --exclude=[a x /\nADD --checksum=sha256:00 x /\n', x: 'x'});
	t.is(ended.code, 2);
	t.regex(ended.stderr, /`--exclude` cannot be `\[a`/v);
	t.regex(ended.stderr, /`--checksum` cannot be/v);
});

test.serial('several sources go to what is a directory by its text or in the image, and to nothing else', async (t) => {
	const twice = 'COPY home.txt home.md /d';
	t.deepEqual(await pathsFor(t, `WORKDIR /d\n${twice}`), ['d/', 'd/home.md', 'd/home.txt']);
	t.deepEqual(await pathsFor(t, `WORKDIR /d\n${twice}\nCOPY home.txt <<x /d\ntext\nx`), ['d/', 'd/home.md', 'd/home.txt', 'd/x']);
	for (const lines of [twice, `COPY home.txt /d\n${twice}`, `WORKDIR /d\nCOPY --link home.txt home.md /d`]) {
		const refused = await place.build({Boxfile: `FROM scratch\n${lines}\n`, ...sources});
		t.is(refused.code, 1, refused.stderr);
		t.regex(refused.stderr, /step\/copy-needs-directory/v);
	}
});

test.serial('everything that the context lacks is said in one run', async (t) => {
	const Boxfile = 'FROM scratch\nCOPY home.text docs/a.md none /x/\nCOPY ../home.txt /y\nCOPY a.md /z\n';
	const {code, stderr} = await place.build({Boxfile, '.boxignore': '# none\ndocs/a.md\n', ...sources});
	t.is(code, 2);
	t.deepEqual(
		[...stderr.matchAll(/error\[.*\]: `(.*)` does not exist/gv)].map(([, name]) => name),
		['home.text', 'docs/a.md', 'none', 'a.md'],
	);
	t.regex(stderr, /did you mean `home\.txt`/v);
	t.regex(stderr, /--> \.boxignore:2:1/v);
});
