import test from 'ava';
import {execFileSync} from 'node:child_process';
import {chmodSync, mkdirSync, symlinkSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {listResult, pathsOf} from '../support/list-result.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

const listOf = (t: Test, what: string | Files, args: readonly string[] = []): Promise<readonly string[]> =>
	listResult(t, place, what, args);

test.serial('files keep their modes, become root’s, and directories copy their content', async (t) => {
	const context = place.context({
		Boxfile: 'FROM scratch\nCOPY d /e\nCOPY d/x /single\nCOPY d/x d/y /many/\n',
		'd/x': 'x',
		'd/y': 'y',
		'd/bin/z': 'z',
	});
	chmodSync(`${context}/d/y`, 0o640);
	symlinkSync('x', `${context}/d/link`);
	t.deepEqual(await listOf(t, context), [
		'drwxr-xr-x 0/0 e/',
		'drwxr-xr-x 0/0 e/bin/',
		'-rwxr-xr-x 0/0 e/bin/z',
		'lrwxrwxrwx 0/0 e/link -> x',
		'-rw-r--r-- 0/0 e/x',
		'-rw-r----- 0/0 e/y',
		'drwxr-xr-x 0/0 many/',
		'-rw-r--r-- 0/0 many/x',
		'-rw-r----- 0/0 many/y',
		'-rw-r--r-- 0/0 single',
	]);
});

test.serial('--chown by number and --chmod, octal and symbolic', async (t) => {
	const files = {Boxfile: 'FROM scratch\nCOPY --chown=0:0 --chmod=0600 x /a\nCOPY --chmod=u+x,go-r x /b\n', x: 'x'};
	t.deepEqual(await listOf(t, files), ['-rw------- 0/0 a', '-rwx------ 0/0 b']);
});

test.serial('--chown to other users, by number and by the names of the image', async (t) => {
	const files = {
		Boxfile:
			'FROM scratch\nCOPY etc /etc\nCOPY --chown=1234:5678 x /a\nCOPY --chown=app x /b\nCOPY --chown=app:staff --chmod=4755 x /c\nCOPY --chown=7 x /d\n',
		x: 'x',
		'etc/passwd': 'root:x:0:0::/:/bin/sh\napp:x:1000:1001::/:/bin/sh\n',
		'etc/group': 'root:x:0:\nstaff:x:50:\n',
	};
	const lines = await listOf(t, files);
	t.deepEqual(
		lines.filter((line) => /^-.* [a-d]$/v.test(line)),
		['-rw-r--r-- 1234/5678 a', '-rw-r--r-- 1000/1001 b', '-rwsr-xr-x 1000/50 c', '-rw-r--r-- 7/7 d'],
	);
});

test.serial('an ignore file hides files, with exceptions', async (t) => {
	const files = {
		Boxfile: 'FROM scratch\nCOPY . /\n',
		'.dockerignore': '# comment\n**/*.log\nbuild\n!build/keep.txt\nsecret?\n.dockerignore\nBoxfile\n',
		'a.log': '',
		'a.txt': '',
		'deep/er/b.log': '',
		'deep/er/b.txt': '',
		'build/x': '',
		'build/keep.txt': '',
		secret1: '',
		secret22: '',
	};
	t.deepEqual(pathsOf(await listOf(t, files)), ['a.txt', 'build/', 'build/keep.txt', 'deep/', 'deep/er/', 'deep/er/b.txt', 'secret22']);
});

test.serial('.boxignore comes before .dockerignore, and a file’s own before both', async (t) => {
	const files = {Boxfile: 'FROM scratch\nCOPY . /\n', '.boxignore': '*\n!b\n', '.dockerignore': '*\n!a\n', a: '', b: '', c: ''};
	t.deepEqual(pathsOf(await listOf(t, files)), ['b']);
	t.deepEqual(pathsOf(await listOf(t, {...files, 'Boxfile.boxignore': '*\n!c\n'})), ['c']);
});

test.serial('a hidden source is named together with the rule', async (t) => {
	const {code, stderr} = await place.build({Boxfile: 'FROM scratch\nCOPY a.log /\n', '.boxignore': '*.log\n', 'a.log': ''});
	t.is(code, 2);
	t.regex(stderr, /\.boxignore/v);
});

test.serial('.git can be left out by a rule and does not decide the cache then', async (t) => {
	const context = place.context({
		Boxfile: 'FROM scratch\nCOPY . /\n',
		'.boxignore': '.git\n.boxignore\nBoxfile\n',
		a: 'a',
		'.git/HEAD': 'one',
	});
	t.deepEqual(pathsOf(await listOf(t, context)), ['a']);
	execFileSync('sh', ['-c', 'echo two > .git/HEAD'], {cwd: context});
	t.regex((await place.built(t, context)).stderr, /COPY \. \/ cached/v);
});

test.serial('wildcards', async (t) => {
	const files = {
		Boxfile: 'FROM scratch\nCOPY *.txt d/?.md /\nCOPY d*/[x-z].md /e/\n',
		'a.txt': '',
		'b.txt': '',
		'c.md': '',
		'd/x.md': '',
		'd/yy.md': '',
		'd2/z.md': '',
	};
	t.deepEqual(pathsOf(await listOf(t, files)), ['a.txt', 'b.txt', 'e/', 'e/x.md', 'e/z.md', 'x.md']);
});

test.serial('links that leave the context are not followed', async (t) => {
	const context = place.context({Boxfile: 'FROM scratch\nCOPY out /\n'});
	symlinkSync('/etc/passwd', `${context}/out`);
	const ended = await place.build(context);
	t.is(ended.code, 2, ended.stderr);
});

for (const [name, flag] of [
	['x.tar', 'c'],
	['x.tar.gz', 'cz'],
	['x.tar.bz2', 'cj'],
	['x.tar.xz', 'cJ'],
] as const) {
	test.serial(`ADD unpacks ${name}, COPY does not`, async (t) => {
		const context = place.context({Boxfile: `FROM scratch\nADD ${name} /u/\nCOPY ${name} /\n`, 'data/a': 'a', 'data/b/c': 'c'});
		execFileSync('tar', [
			'--owner=0',
			'--group=0',
			'--numeric-owner',
			'-C',
			`${context}/data`,
			`-${flag}f`,
			`${context}/${name}`,
			'a',
			'b',
		]);
		t.deepEqual(pathsOf(await listOf(t, context)), ['u/', 'u/a', 'u/b/', 'u/b/c', name]);
	});
}

test.serial('chains of stages: FROM a stage, COPY from a stage by name and number, only what is needed is built', async (t) => {
	const boxfile = `FROM scratch AS a
COPY one /a
FROM a AS b
COPY two /b
FROM scratch AS unneeded
COPY nosuchfile /
FROM scratch
COPY --from=b / /from-b/
COPY --from=0 /a /from-0
`;
	const tar = place.fresh('chain.tar');
	const {stderr} = await place.built(t, {Boxfile: boxfile, one: '1', two: '2'}, ['-o', `type=tar,dest=${tar}`]);
	t.false(stderr.includes('unneeded'));
	const listed = await printedBy(['tar', 'tf', tar]);
	t.deepEqual(listed.trim().split('\n').sort(), ['from-0', 'from-b/', 'from-b/a', 'from-b/b']);
});

when(busybox, 'ONBUILD instructions run in the stage that begins with the image', async (t) => {
	await place.built(t, busyboxFiles('ONBUILD COPY app /app\nONBUILD RUN cat /app/x > /done\n'), ['-t', 'parent']);
	const tar = place.fresh('onbuild.tar');
	await place.built(t, {Boxfile: 'FROM parent\nRUN cat /done /done > /twice\n', 'app/x': 'content\n'}, ['-o', `type=tar,dest=${tar}`]);
	t.is(await printedBy(['tar', '-xOf', tar, 'twice']), 'content\ncontent\n');
});

when(busybox, 'a copy into a directory that the image has as a link lands where the link leads', async (t) => {
	const lines = await listOf(t, busyboxFiles('RUN mkdir /real && ln -s real /link\nCOPY x /link/\n', {x: 'x'}));
	t.true(pathsOf(lines).includes('real/x'));
	t.true(pathsOf(lines).includes('link -> real'));
});

test.serial('names that need care', async (t) => {
	const names = ['-rf', 'a b', 'ünïcödé', '💥', 'x'.repeat(255), 'a\\b', '*star', '"quoted"'];
	const context = place.context({Boxfile: 'FROM scratch\nCOPY d /d\n'});
	mkdirSync(`${context}/d`);
	for (const name of names) mkdirSync(`${context}/d/${name}`);
	const tar = place.fresh('names.tar');
	await place.built(t, context, ['-o', `type=tar,dest=${tar}`]);
	const listed = await printedBy(['tar', '--quoting-style=literal', '-tf', tar]);
	const found = Buffer.from(listed, 'latin1')
		.toString()
		.trim()
		.split('\n')
		.map((line) => line.slice(2, -1));
	t.deepEqual(found.sort(), ['', ...names].sort());
});
