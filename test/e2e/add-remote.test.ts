import test from 'ava';
import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {gzipSync} from 'node:zlib';
import {listResult, pathsOf, readResult} from '../support/list-result.ts';
import {makeRepositories, type Repositories, servedGit, withServedRepositories} from '../support/git-repositories.ts';
import {startLoopbackServer, type LoopbackServer} from '../support/loopback-server.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
const content = 'remote content\n';
const modified = 'Tue, 01 Feb 2022 03:04:05 GMT';
const sha256 = `sha256:${createHash('sha256').update(content).digest('hex')}`;

const archive = (): Buffer => {
	const directory = place.context({a: 'a', 'b/c': 'c'});
	return gzipSync(execFileSync('tar', ['-C', directory, '-c', 'a', 'b']));
};

let other: LoopbackServer;
let server: LoopbackServer;
test.before(async () => {
	other = await startLoopbackServer((request, response) => {
		if (request.url === '/back') response.writeHead(302, {location: `${server.url}/file`}).end();
		else response.end(content);
	});
	server = await startLoopbackServer((request, response) => {
		const path = (request.url ?? '').split('?')[0] ?? '';
		if (path === '/file') {
			const isKnown = request.headers['if-none-match'] === '"1"';
			response.writeHead(isKnown ? 304 : 200, {
				etag: '"1"',
				'last-modified': modified,
				'content-disposition': 'attachment; filename="../../evil"',
			});
			response.end(isKnown ? undefined : content);
		} else if (path === '/archive.tgz') response.end(archive());
		else if (path === '/away') response.writeHead(302, {location: `${other.url}/there`}).end();
		else if (path === '/loop') response.writeHead(302, {location: '/loop'}).end();
		else if (path === '/local') response.writeHead(302, {location: 'file:///etc/passwd'}).end();
		else if (path === '/short') {
			response.writeHead(200, {'content-length': '100'});
			response.write('x');
			setTimeout(() => response.destroy(), 50);
		} else if (path.startsWith('/name/')) response.end(content);
		else response.writeHead(404).end();
	});
});
test.after.always(async () => {
	server.close();
	other.close();
	await place.remove();
});

const boxfile = (lines: string): Files => ({Boxfile: `FROM scratch\n${lines}\n`});

test.serial('a URL becomes a file of mode 0600 with the time of the epoch', async (t) => {
	const files = boxfile(`ADD ${server.url}/file /d/\nADD ${server.url}/file /named`);
	t.deepEqual(await listResult(t, place, files), ['drwxr-xr-x 0/0 d/', '-rw------- 0/0 d/file', '-rw------- 0/0 named']);
	t.is(await readResult(t, place, files, 'named'), content);
	t.is(await place.digest(t, files), await place.digest(t, files, ['--no-cache']));
	const kept = place.fresh('kept.tar');
	await place.built(t, boxfile(`ADD --chmod=644 ${server.url}/file /k`), ['--timestamps', 'keep', '-o', `type=tar,dest=${kept}`]);
	t.regex(await printedBy(['tar', '--utc', '--full-time', '-tvf', kept]), /-rw-r--r-- .* 2022-02-01 03:04:05 k/v);
});

test.serial('an unchanged file is asked for by its ETag and is a hit', async (t) => {
	const files = boxfile(`ADD ${server.url}/file /again`);
	await place.built(t, files);
	const before = server.requests.length;
	const ended = await place.built(t, files, ['--progress', 'plain']);
	t.regex(ended.stderr, /cached|hit/iv);
	t.is(server.requests.length, before + 1);
	t.is(server.requests.at(-1)?.headers['if-none-match'], '"1"');
});

test.serial('a checksum is verified, and a hit by it asks nobody', async (t) => {
	const files = boxfile(`ARG SUM=${sha256}\nADD --checksum=$SUM ${server.url}/name/summed /`);
	await place.built(t, files);
	const before = server.requests.length;
	await place.built(t, files);
	t.is(server.requests.length, before);
	const wrong = await place.build(boxfile(`ADD --checksum=sha256:${'0'.repeat(64)} ${server.url}/name/summed /`));
	t.is(wrong.code, 2);
	t.regex(wrong.stderr, /context\/checksum-mismatch/v);
	t.regex(wrong.stderr, /Boxfile:2:\d+/v);
});

test.serial('names come from the URL alone and cannot leave the directory', async (t) => {
	const names = ['/name/a%20b', '/name/x?y=z', '/name/..%2f..%2fevil', '/name/%2e%2e%2f%2e%2e%2fetc%2fupper'];
	const found = await listResult(t, place, boxfile(names.map((name) => `ADD ${server.url}${name} /d/`).join('\n')));
	t.deepEqual(pathsOf(found), ['d/', 'd/a b', 'd/evil', 'd/upper', 'd/x']);
	for (const path of ['/', '/name/..%2f', '/name/a%2f%2e%2e']) {
		const ended = await place.build(boxfile(`ADD ${server.url}${path} /d/`));
		t.is(ended.code, 2, path);
		t.regex(ended.stderr, /gives the file no name/v, path);
	}
});

test.serial('archives behind URLs are unpacked only when --unpack says so', async (t) => {
	t.deepEqual(pathsOf(await listResult(t, place, boxfile(`ADD ${server.url}/archive.tgz /d/`))), ['d/', 'd/archive.tgz']);
	t.deepEqual(pathsOf(await listResult(t, place, boxfile(`ADD --unpack=true ${server.url}/archive.tgz /d/`))), [
		'd/',
		'd/a',
		'd/b/',
		'd/b/c',
	]);
	const mixed = await listResult(t, place, {...boxfile(`ADD x ${server.url}/file y /d/`), x: 'x', y: 'y'});
	t.deepEqual(pathsOf(mixed), ['d/', 'd/file', 'd/x', 'd/y']);
});

test.serial('credentials stay with their host and out of everything that is shown', async (t) => {
	const withSecret = server.url.replace('http://', 'http://someone:pa55word@');
	const image = 'secret-test';
	const ended = await place.built(t, boxfile(`ADD ${withSecret}/away /a\nADD ${withSecret}/file /b`), ['-t', image, '--progress', 'plain']);
	t.is(server.requests.at(-1)?.headers.authorization, `Basic ${Buffer.from('someone:pa55word').toString('base64')}`);
	t.true(other.requests.length > 0);
	t.true(other.requests.every(({headers}) => headers.authorization === undefined));
	t.false(`${ended.stdout}${ended.stderr}`.includes('pa55word'));
	const history = await place.boxbuild(['history', image]);
	t.false(history.stdout.includes('pa55word'));
	const inspected = await place.boxbuild(['inspect', image]);
	t.false(inspected.stdout.includes('pa55word'));
	const failed = await place.build(boxfile(`ARG U=${withSecret}/gone\nADD $U /a`));
	t.is(failed.code, 2);
	t.false(failed.stderr.replace(/^\d+ \|.*$/gmv, '').includes('pa55word'));
});

test.serial('what goes wrong is told', async (t) => {
	const cases: readonly (readonly [path: string, message: RegExp])[] = [
		['/gone', /answered 404/v],
		['/loop', /redirected more than 10 times/v],
		['/local', /redirected to `file:`/v],
		['/short', /connection/v],
	];
	for (const [path, message] of cases) {
		const ended = await place.build(boxfile(`ADD ${server.url}${path} /a`));
		t.is(ended.code, 2, path);
		t.regex(ended.stderr, /context\/remote-failed/v, path);
		t.regex(ended.stderr, message, path);
	}
	t.is((await place.build(boxfile('ADD http://127.0.0.1:1/x /a'))).code, 2);
	t.is((await place.build(boxfile('ADD ftp://127.0.0.1/x /a'))).code, 2);
});

const withRepositories = async (work: (repository: string, made: Repositories) => Promise<void>): Promise<void> =>
	withServedRepositories(makeRepositories(place), work);

when(servedGit, 'a git repository is copied at a branch, a tag, a commit, and below a directory', async (t) => {
	await withRepositories(async (url, {first, second}) => {
		const readme = (ref: string): Promise<string> => readResult(t, place, boxfile(`ADD ${url}${ref} /r`), 'r/README');
		t.is(await readme(''), 'two\n');
		t.is(await readme('#v1'), 'one\n');
		t.is(await readme('#refs/tags/v1'), 'one\n');
		t.is(await readme('#later'), 'two\n');
		t.is(await readme(`#${first}`), 'one\n');
		const all = await listResult(t, place, boxfile(`ADD ${url} /r`));
		t.deepEqual(all.slice(0, 5), [
			'drwxr-xr-x 0/0 r/',
			'-rw-r--r-- 0/0 r/Boxfile',
			'-rw-r--r-- 0/0 r/README',
			'drwxr-xr-x 0/0 r/bin/',
			'-rwxr-xr-x 0/0 r/bin/tool',
		]);
		t.deepEqual(pathsOf(await listResult(t, place, boxfile(`ADD --exclude=up ${url}#main:src /s/`))), ['s/', 's/main']);
		t.true(pathsOf(await listResult(t, place, boxfile(`ADD --keep-git-dir=true ${url} /r`))).includes('r/.git/HEAD'));
		await place.built(t, boxfile(`ADD --checksum=${second.slice(0, 12)} ${url} /r`));
		const wrong = await place.build(boxfile(`ADD --checksum=${first} ${url} /r`));
		t.regex(wrong.stderr, /context\/checksum-mismatch/v);
		const none = await place.build(boxfile(`ADD ${url}#nowhere /r`));
		t.is(none.code, 2);
		t.regex(none.stderr, /context\/git-no-ref/v);
		const misspelt = await place.build(boxfile(`ADD ${url}#latr /r`));
		t.regex(misspelt.stderr, /did you mean `later`/v);
	});
});

when(servedGit, 'a commit is a hit without its repository, and nothing of a checkout stays behind', async (t) => {
	let files: Files = {};
	await withRepositories(async (url, {first}) => {
		files = boxfile(`ADD ${url}#${first} /r`);
		await place.built(t, files);
	});
	t.regex((await place.built(t, files, ['--progress', 'plain'])).stderr, /cached|hit/iv);
	t.deepEqual(
		readdirSync(`${place.store}/run`).filter((name) => /^[0-9a-f]{16}$/v.test(name)),
		[],
	);
});

when(debianProgram('git'), 'a simple web server will do for a repository', async (t) => {
	const {directory} = makeRepositories(place);
	const hub = await startLoopbackServer((request, response) => {
		const path = `${directory}${decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname)}`;
		try {
			response.end(readFileSync(path));
		} catch {
			response.writeHead(404).end();
		}
	});
	try {
		t.is(await readResult(t, place, boxfile(`ADD ${hub.url}/tool.git#v1 /r`), 'r/README'), 'one\n');
	} finally {
		hub.close();
	}
});

when(servedGit, 'directories behind links, options as references and other protocols are refused', async (t) => {
	await withRepositories(async (url) => {
		const refused = async (source: string, message: RegExp): Promise<void> => {
			const ended = await place.build(boxfile(`ADD ${source} /r`));
			t.is(ended.code, 2, source);
			t.regex(ended.stderr, message, source);
		};
		await refused(`${url}#main:etc`, /context\/git-no-directory/v);
		await refused(`${url}#main:src/up`, /context\/git-no-directory/v);
		await refused(`${url}#main:src/up/src`, /context\/git-no-directory/v);
		await refused(`${url}#main:../..`, /outside the repository/v);
		await refused(`${url}#--upload-pack=touch`, /does not begin with `-`/v);
		await refused('git@-oProxyCommand:a.git', /begins with a letter or a digit/v);
		await refused('ssh://-oProxyCommand=x/a.git', /begins with a letter or a digit/v);
	});
	const local = await place.build(boxfile('ADD file:///etc/passwd.git /r'));
	t.regex(local.stderr, /context\/missing-source/v);
});

when(servedGit, 'the query of a git URL says what the fragment says, and more', async (t) => {
	await withRepositories(async (url, {first, second}) => {
		const readme = (query: string): Promise<string> => readResult(t, place, boxfile(`ADD ${url}${query} /r`), 'r/README');
		t.is(await readme('?tag=v1'), 'one\n');
		t.is(await readme('?branch=later'), 'two\n');
		t.is(await readme('?ref=refs/tags/v1'), 'one\n');
		t.is(await readme(`?commit=${first}`), 'one\n');
		t.is(await readme(`?branch=main&checksum=${second.slice(0, 8)}`), 'two\n');
		t.deepEqual(pathsOf(await listResult(t, place, boxfile(`ADD --exclude=up ${url}?subdir=src /s/`))), ['s/', 's/main']);
		t.true(pathsOf(await listResult(t, place, boxfile(`ADD ${url}?keep-git-dir /r`))).includes('r/.git/HEAD'));
		const moved = await place.build(boxfile(`ADD ${url}?tag=v1&checksum=${second} /r`));
		t.is(moved.code, 2);
		t.regex(moved.stderr, /context\/checksum-mismatch/v);
		// A tag is no branch.
		t.regex((await place.build(boxfile(`ADD ${url}?branch=v1 /r`))).stderr, /context\/git-no-ref/v);
	});
});

when(servedGit, 'submodules come along unless the query says not', async (t) => {
	await withServedRepositories(makeRepositories(place), async (url, {addSubmodule}) => {
		addSubmodule();
		t.is(await readResult(t, place, boxfile(`ADD ${url}#whole /r`), 'r/part/README'), 'two\n');
		const without = pathsOf(await listResult(t, place, boxfile(`ADD ${url}?branch=whole&submodules=false /r`)));
		t.true(without.includes('r/.gitmodules'));
		t.false(without.includes('r/part/README'));
	});
});
