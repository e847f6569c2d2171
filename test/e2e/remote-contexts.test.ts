import test from 'ava';
import {execFileSync} from 'node:child_process';
import {readdirSync, symlinkSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {gzipSync} from 'node:zlib';
import {makeRepositories, servedGit, withServedRepositories} from '../support/git-repositories.ts';
import {listResult, pathsOf, readResult} from '../support/list-result.ts';
import {startLoopbackServer, type LoopbackServer} from '../support/loopback-server.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
const secret = 'pa55word';

/** Directories of live builds that are still there. */
const leftOvers = (): readonly string[] => readdirSync(`${place.store}/run`).filter((name) => /^[0-9a-f]{16}$/v.test(name));

const tarOf = (files: Files): Buffer => execFileSync('tar', ['-C', place.context(files), '-c', '.']);
const whole: Files = {Boxfile: 'FROM scratch\nCOPY . /c/\n', '.dockerignore': 'Boxfile\n.dockerignore\n', 'd/a': 'a'};
const text = 'FROM scratch\nLABEL from=url\n';

let server: LoopbackServer;
let answers: Readonly<Record<string, Buffer | string>>;
test.before(async () => {
	const lib = place.context({'.dockerignore': '*.log\n', 'a.log': '', 'a.txt': 'text\n'});
	symlinkSync('/etc/hostname', `${lib}/out`);
	answers = {
		'/whole.tar': tarOf(whole),
		'/whole.tgz': gzipSync(tarOf(whole)),
		'/Boxfile': text,
		'/foreign': 'FROM dir:/etc\n',
		'/lib.tgz': gzipSync(execFileSync('tar', ['-C', lib, '-c', '.'])),
		'/damaged.tar': tarOf(whole).subarray(0, 700),
		'/binary': Buffer.from([0xff, 0xfe, 0x31, 0x0a]),
		'/empty': '',
	};
	server = await startLoopbackServer((request, response) => {
		const found = answers[request.url ?? ''];
		if (request.url === '/slow.tar') response.write(answers['/whole.tar']?.slice(0, 512));
		else if (request.url === '/moved') response.writeHead(302, {location: '/whole.tgz'}).end();
		else if (found === undefined) response.writeHead(404).end();
		else response.end(found);
	});
});
test.after.always(async () => {
	server.close();
	await place.remove();
});

test.serial('a URL that gives a tar is a context like its directory, and is gone afterwards', async (t) => {
	const expected = await place.digest(t, whole);
	for (const path of ['/whole.tar', '/whole.tgz', '/moved']) t.is(await place.digest(t, `${server.url}${path}`), expected, path);
	t.deepEqual(leftOvers(), []);
});

test.serial('a URL that gives a text is the Boxfile of an empty context', async (t) => {
	t.is(await place.digest(t, `${server.url}/Boxfile`), await place.digest(t, {Boxfile: text}));
	const foreign = await place.build(`${server.url}/foreign`);
	t.is(foreign.code, 2);
	t.regex(foreign.stderr, /base\/outside-context/v);
	t.is((await place.build(`${server.url}/Boxfile`, ['-f', 'Other'])).code, 2);
});

test.serial('a URL that gives neither is an error that shows no credentials', async (t) => {
	const withSecret = server.url.replace('http://', `http://someone:${secret}@`);
	const cases: readonly (readonly [path: string, message: RegExp])[] = [
		['/gone', /answered 404/v],
		['/damaged.tar', /context\/archive-refused/v],
		['/binary', /neither a tar nor a text/v],
		['/empty', /it is empty/v],
	];
	for (const [path, message] of cases) {
		for (const [context, args] of [
			[`${withSecret}${path}`, []],
			[place.context({Boxfile: 'FROM scratch\nCOPY --from=lib . /\n'}), ['--build-context', `lib=${withSecret}${path}`]],
		] as const) {
			const ended = await place.build(context, args);
			t.is(ended.code, 2, path);
			t.regex(ended.stderr, message);
			t.false(ended.stderr.includes(secret), ended.stderr);
			if (args.length > 0) t.regex(ended.stderr, /`--build-context lib=http:\/\/xxxxx@/v);
		}
	}
	const built = await place.built(t, `${withSecret}/Boxfile`, ['--progress', 'plain']);
	t.false(`${built.stdout}${built.stderr}`.includes(secret));
	const wrong = await place.build(`${withSecret.replace('http:', 'ftp:')}/x`);
	t.is(wrong.code, 2);
	t.false(wrong.stderr.includes(secret));
	t.deepEqual(leftOvers(), []);
});

test.serial('a named context can be a tar behind a URL, in COPY, FROM and RUN --mount', async (t) => {
	const args = ['--build-context', `lib=${server.url}/lib.tgz`];
	const copy = {Boxfile: 'FROM scratch\nCOPY --from=lib a.txt .dockerignore /o/\n'};
	t.deepEqual(pathsOf(await listResult(t, place, copy, args)), ['o/', 'o/.dockerignore', 'o/a.txt']);
	const mount = {
		Boxfile: 'FROM host AS a\nRUN --mount=from=lib,target=/mnt cat /mnt/a.txt > /r && ls /mnt >> /r\nFROM scratch\nCOPY --from=a /r /r\n',
	};
	t.is(await readResult(t, place, mount, 'r', args), 'text\na.txt\nout\n');
	const from = {Boxfile: 'FROM lib\nLABEL a=b\n'};
	t.deepEqual(pathsOf(await listResult(t, place, from, args)), ['.dockerignore', 'a.log', 'a.txt', 'out -> /etc/hostname']);
	const first = await place.digest(t, from, args);
	// The times are those of the archive, not of now.
	await setTimeout(1100);
	t.is(await place.digest(t, from, [...args, '--no-cache']), first);
	for (const files of [copy, mount, from]) {
		const again = await place.built(t, files, [...args, '--progress', 'plain']);
		t.false(`${again.stdout}${again.stderr}`.includes('/run/'), again.stderr);
	}
	const outside = await place.build({Boxfile: 'FROM scratch\nCOPY --from=lib out /\n'}, args);
	t.is(outside.code, 2);
	t.deepEqual(leftOvers(), []);
});

test.serial('a Boxfile that was received with its context can use the named contexts', async (t) => {
	const input = tarOf({Boxfile: 'FROM lib\nCOPY --from=lib a.txt /again\n'});
	const ended = await place.boxbuild(['build', '--build-context', `lib=${server.url}/lib.tgz`, '-'], {input});
	t.is(ended.code, 0, ended.stderr);
});

when(servedGit, 'a git repository is a build context, by fragment or query', async (t) => {
	await withServedRepositories(makeRepositories(place), async (url) => {
		t.deepEqual(pathsOf(await listResult(t, place, `${url}#main`)), ['s/', 's/main', 's/up -> ..']);
		t.deepEqual(pathsOf(await listResult(t, place, `${url}?tag=v1`)), ['s/', 's/main', 's/up -> ..']);
		const none = await place.build(`${url}?branch=latr`);
		t.is(none.code, 2);
		t.regex(none.stderr, /did you mean `later`/v);
		const wrong = await place.build(`${url}?braanch=later`);
		t.is(wrong.code, 2);
		t.regex(wrong.stderr, /did you mean `branch`/v);
	});
});

when(servedGit, 'a git repository is a named context', async (t) => {
	await withServedRepositories(makeRepositories(place), async (url) => {
		const files = {Boxfile: 'FROM scratch\nCOPY --from=tool main /\n'};
		t.deepEqual(pathsOf(await listResult(t, place, files, ['--build-context', `tool=${url}?tag=v1&subdir=src`])), ['main']);
		t.deepEqual(pathsOf(await listResult(t, place, files, ['--build-context', `tool=${url}#later:src`])), ['main']);
		const kept = place.fresh('kept.tar');
		const root = {Boxfile: 'FROM tool\n'};
		await place.built(t, root, ['--timestamps', 'keep', '--build-context', `tool=${url}?subdir=src`, '-o', `type=tar,dest=${kept}`]);
		t.regex(await printedBy(['tar', '--utc', '--full-time', '-tvf', kept]), /2021-02-03 04:05:06 main/v);
		const none = await place.build(files, ['--build-context', `tool=${url}#nowhere`]);
		t.is(none.code, 2);
		t.regex(none.stderr, /context\/git-no-ref/v);
		t.regex(none.stderr, /`--build-context tool=.*#nowhere` wants it/v);
		t.deepEqual(leftOvers(), []);
	});
});

test.serial('an interrupted build leaves nothing of what it received', async (t) => {
	const files = {Boxfile: 'FROM scratch\nCOPY --from=lib . /\n'};
	const path = place.context(files);
	const interrupted = async (args: readonly string[]): Promise<void> => {
		const before = server.requests.length;
		const ended = await place.boxbuild(args, {
			started(child) {
				const timer = setInterval(() => {
					if (server.requests.length === before || leftOvers().length === 0) return;
					clearInterval(timer);
					child.kill('SIGINT');
				}, 20);
			},
		});
		t.is(ended.code, 130, ended.stderr);
		t.true(ended.milliseconds < 20_000);
		t.deepEqual(leftOvers(), []);
	};
	await interrupted(['build', `${server.url}/slow.tar`]);
	await interrupted(['build', '--build-context', `first=${server.url}/lib.tgz`, '--build-context', `lib=${server.url}/slow.tar`, path]);
});
