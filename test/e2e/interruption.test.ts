import test from 'ava';
import {execFileSync, type ChildProcess} from 'node:child_process';
import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {when} from '../support/when.ts';
import {Workplace, type Files} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** Names every process of this test run's builds. */
const mark = `9000.${process.pid}`;

/** Processes of this user whose command line has the mark. */
function marked(): readonly string[] {
	return readdirSync('/proc').filter((name) => {
		if (!/^\d+$/v.test(name) || name === String(process.pid)) return false;
		try {
			return (
				readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(mark) && !/^State:\s+Z/mv.test(readFileSync(`/proc/${name}/status`, 'utf8'))
			);
		} catch {
			return false;
		}
	});
}

function slowFiles(number: number): Files {
	return {
		Boxfile: `FROM host AS a\nWORKDIR /out\nRUN echo ${number} > n\nRUN echo started; sleep ${mark}; echo late\nFROM scratch\nCOPY --from=a /out /\n`,
	};
}

/** Starts a build and calls back once its slow step speaks. */
async function whenStarted(
	files: Files,
	act: (child: ChildProcess) => void,
): Promise<{code: number | null; signal: string | null; stderr: string; after: number}> {
	let child: ChildProcess | undefined;
	let at = 0;
	const {code, signal, stderr} = await place.build(files, ['--progress', 'plain'], {
		started: (started) => {
			child = started;
		},
		output(text) {
			if (at !== 0 || !text.includes('| started') || child === undefined) return;
			at = performance.now();
			act(child);
		},
	});
	return {code, signal, stderr, after: performance.now() - at};
}

for (const [name, code] of [
	['SIGINT', 130],
	['SIGTERM', 130],
] as const) {
	test.serial(`${name} ends a build within a second, and all that it started`, async (t) => {
		const times: number[] = [];
		// The machine may be busy with other tests: the best of three counts.
		for (let attempt = 0; attempt < 3; attempt++) {
			const ended = await whenStarted(slowFiles(attempt), (child) => void child.kill(name));
			t.is(ended.code, code, ended.stderr);
			times.push(ended.after);
			t.deepEqual(marked(), []);
			if (ended.after < 1000) break;
		}
		t.true(Math.min(...times) < 1000, `it took ${times.join(', ')} ms`);
	});
}

test.serial('Ctrl-C of a terminal, which reaches every process of the group, does the same', async (t) => {
	const ended = await whenStarted(
		slowFiles(10),
		(child) => void execFileSync('sh', ['-c', 'for p in $(ps -o pid= --ppid "$0") "$0"; do kill -INT "$p"; done', String(child.pid)]),
	);
	t.is(ended.code, 130, ended.stderr);
	t.deepEqual(marked(), []);
});

test.serial('SIGKILL in the middle of a step: nothing goes on, and the next build is good', async (t) => {
	const files = slowFiles(20);
	const killed = await whenStarted(files, (child) => void child.kill('SIGKILL'));
	t.is(killed.signal, 'SIGKILL');
	await setTimeout(300);
	t.deepEqual(marked(), []);
	const quick = {Boxfile: String(files['Boxfile']).replace(`sleep ${mark}`, 'echo quick > q')};
	const {stderr} = await place.built(t, quick, ['-o', `type=local,dest=${place.directory}/after`]);
	t.deepEqual(readdirSync(`${place.directory}/after`).sort(), ['n', 'q']);
	t.is(readFileSync(`${place.directory}/after/n`, 'utf8'), '20\n', stderr);
});

test.serial('what killed builds leave behind is gone after the next ones', async (t) => {
	await place.built(t, {Boxfile: 'FROM host AS a\nRUN mkdir /out && echo sweep > /out/x\nFROM scratch\nCOPY --from=a /out /\n'});
	t.deepEqual(
		readdirSync(`${place.store}/run`).filter((name) => /^(?:[0-9a-f]{16}|\.trash-.*)$/v.test(name)),
		[],
	);
});

test.serial('two builds of one file at once: a step runs once, both have the same image', async (t) => {
	const files = {Boxfile: `FROM host AS a\nWORKDIR /out\nRUN echo once; sleep 1; date +%N > n\nFROM scratch\nCOPY --from=a /out /\n`};
	const context = place.context(files);
	const [one, two] = await Promise.all([place.build(context, ['--iidfile', place.fresh('iid')]), place.build(context)]);
	t.is(one.code, 0, one.stderr);
	t.is(two.code, 0, two.stderr);
	t.is([one, two].filter(({stderr}) => stderr.includes('| once')).length, 1, one.stderr + two.stderr);
	t.is(/sha256:\w+/v.exec(one.stdout)?.[0], /sha256:\w+/v.exec(two.stdout)?.[0]);
});

when(busybox, 'eight different builds at once on one store', async (t) => {
	const builds = Array.from({length: 8}, (_, at) =>
		place.build(busyboxFiles(`RUN echo ${at % 4} > /n\nRUN cp /n /m\n`), ['-t', `many:${at}`]),
	);
	const ended = await Promise.all(builds);
	for (const {code, stderr} of ended) t.is(code, 0, stderr);
	const images = await place.boxbuild(['images']);
	for (let at = 0; at < 8; at++) t.regex(images.stdout, new RegExp(`many\\s*:?\\s*${at}`, 'v'));
	t.is(new Set(ended.map(({stdout}) => /sha256:\w+/v.exec(stdout)?.[0])).size, 4);
});

when(busybox, 'a store can be pruned while a build uses it', async (t) => {
	const files = busyboxFiles(`RUN echo ${process.pid} > /n\nRUN sleep 1\nRUN cp /n /m\n`);
	const building = place.build(files, ['-t', 'kept']);
	await setTimeout(500);
	const pruned = await place.boxbuild(['prune', '--all']);
	t.is(pruned.code, 0, pruned.stderr);
	const {code, stderr} = await building;
	t.is(code, 0, stderr);
	const listed = await place.boxbuild(['ls', 'kept']);
	t.regex(listed.stdout, /\bm\b/v);
});
