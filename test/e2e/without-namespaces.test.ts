import test from 'ava';
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {root} from '../support/requirements.ts';
import {writeStockContainer} from '../support/stock-container.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, type Ended, type Files, printedBy, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());
const needs = [busybox, root];

/** Builds as root of a container in which nothing can be mounted and no namespace be made. */
async function build(files: Files, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
	const program = place.fresh('container');
	const command = [
		process.execPath,
		boxbuildProgram,
		'build',
		place.context(files),
		'--store',
		place.store,
		'--progress',
		'plain',
	] as const;
	writeStockContainer(program, [...command, ...args], {PATH: process.env['PATH'] ?? '', HOME: '/', ...env});
	return runProgram([program]);
}

/** Paths of the result. */
async function pathsOf(tar: string): Promise<readonly string[]> {
	return (await printedBy(['tar', '-tf', tar])).trim().split('\n');
}

when(needs, 'what only namespaces make possible is an error', async (t) => {
	for (const [boxfile, what] of [
		['FROM host AS a\nRUN touch /x\nFROM scratch\nCOPY --from=a /x /\n', /a step on `FROM host`/v],
		['FROM scratch\nCOPY bin /bin\nRUN --network=none ["/bin/busybox", "true"]\n', /a step without network/v],
	] as const) {
		const ended = await build({...busyboxFiles(''), Boxfile: boxfile});
		t.not(ended.code, 0);
		t.regex(ended.stderr, /error\[step\/needs-namespaces\]/v);
		t.regex(ended.stderr, what);
	}
});

when(needs, 'nothing that a command leaves running outlives it', async (t) => {
	const mark = `98${process.pid}`;
	const ended = await build(busyboxFiles(`RUN sleep ${mark} & (setsid sleep ${mark} &) ; echo left\n`));
	t.is(ended.code, 0, ended.stderr);
	const {stdout} = await runProgram(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "']);
	t.false(stdout.includes(`sleep ${mark}`));
});

when(needs, 'mounts are put into the root of the step and taken out, and nothing of them is in the layer', async (t) => {
	const tar = place.fresh('out.tar');
	const secret = 'an unlikely word: 9e2a4c';
	const step = `RUN --mount=type=secret,id=s --mount=type=cache,target=/etc/cached --mount=type=tmpfs,target=/t --mount=type=bind,source=etc,target=/b/c,rw \\
  grep -q unlikely /run/secrets/s && ! test -e /etc/cached/passwd && echo >> /etc/cached/kept && echo > /t/x && echo > /b/c/y && echo made > /made
RUN --mount=type=cache,target=/etc/cached test -s /etc/cached/kept
RUN test -f /etc/cached/own && ! test -e /run/secrets && ! test -e /t && ! test -e /b
`;
	const files = busyboxFiles(step, {'etc/cached/own': 'of the image'});
	const ended = await build(files, ['--secret', 'id=s,env=SECRET', '-o', `type=tar,dest=${tar}`], {SECRET: secret});
	t.is(ended.code, 0, ended.stderr);
	const paths = await pathsOf(tar);
	t.true(paths.includes('made'));
	t.true(paths.includes('etc/cached/own'));
	t.deepEqual(
		paths.filter((path) => /^(?:run|t|b|dev|etc\/cached\/kept)(?:\/|$)/v.test(path)),
		[],
	);
	t.is((await place.digest(t, files, ['--secret', 'id=s,env=SECRET', '--no-cache'], {env: {SECRET: secret}})).length, 71);
	t.is((await runProgram(['grep', '-rl', secret, place.store])).stdout, '');
});

when(needs, 'a step that swaps the place of a mount for a link leads nobody out of its root', async (t) => {
	const victim = place.fresh('victim');
	mkdirSync(`${victim}/b`, {recursive: true});
	writeFileSync(`${victim}/b/file`, 'untouched');
	const ended = await build(
		busyboxFiles(`RUN mkdir -p /a/b
RUN --mount=type=cache,target=/a/b mv /a /z && mkdir -p ${victim} && ln -s ${victim} /a
RUN --mount=type=cache,target=/z/b,id=other rmdir /z/b; rm -rf /z/b; ln -s ${victim}/b /z/b
`),
	);
	t.is(ended.code, 0, ended.stderr);
	t.is(readFileSync(`${victim}/b/file`, 'utf8'), 'untouched');
	// What replaced the cache is no cache: the next step gets a new one.
	const again = await build(busyboxFiles('RUN mkdir -p /c\nRUN --mount=type=cache,target=/c,id=other echo new > /c/new && ls /c\n'));
	t.is(again.code, 0, again.stderr);
	t.false(existsSync(`${victim}/b/new`));
});

when(needs, 'a step that deletes the directory of a mount has deleted it', async (t) => {
	const tar = place.fresh('deleted.tar');
	const ended = await build(busyboxFiles('RUN mkdir -p /a/b && touch /a/b/below\nRUN --mount=type=cache,target=/a/b,id=gone rm -r /a\n'), [
		'-o',
		`type=tar,dest=${tar}`,
	]);
	t.is(ended.code, 0, ended.stderr);
	t.deepEqual(
		(await pathsOf(tar)).filter((path) => path.startsWith('a')),
		[],
	);
});

when(needs, 'a step that takes too long is ended with all that it started', async (t) => {
	const mark = `96${process.pid}`;
	const ended = await build(busyboxFiles(`RUN --timeout=500ms (setsid sleep ${mark} &); sleep ${mark}\n`));
	t.is(ended.code, 1, ended.stderr);
	t.regex(ended.stderr, /error\[step\/timeout\]/v);
	const {stdout} = await runProgram(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "']);
	t.false(stdout.includes(`sleep ${mark}`));
});

when(needs, 'one cache at two places of a step is an error', async (t) => {
	const ended = await build(busyboxFiles('RUN --mount=type=cache,id=a,target=/x --mount=type=cache,id=a,target=/y true\n'));
	t.not(ended.code, 0);
	t.regex(ended.stderr, /error\[step\/needs-namespaces\]: one cache at two places/v);
});

when(needs, 'Ctrl-C ends a step and all that it started', async (t) => {
	const mark = `97${process.pid}`;
	const program = place.fresh('container');
	const directory = place.context(busyboxFiles(`RUN echo started; sleep ${mark}\n`));
	const command = [process.execPath, boxbuildProgram, 'build', directory, '--store', place.store, '--progress', 'plain'] as const;
	writeStockContainer(program, [...command], {PATH: process.env['PATH'] ?? '', HOME: '/'});
	let interrupt = (): void => {};
	const ended = await runProgram([program], {
		started: (child) => {
			interrupt = () => void child.kill('SIGINT');
		},
		output: (text) => {
			if (text.includes('| started')) interrupt();
		},
	});
	t.is(ended.code, 130, ended.stderr);
	const {stdout} = await runProgram(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "']);
	t.false(stdout.includes(`sleep ${mark}`));
});
