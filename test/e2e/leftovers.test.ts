import test from 'ava';
import type {ChildProcess} from 'node:child_process';
import {lstatSync, mkdirSync, readdirSync, readFileSync, utimesSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {type BuildProcesses, buildProcesses, type Role, runningProcesses, survivorsOf} from '../support/build-processes.ts';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {groupsOfBuilds} from '../support/control-groups.ts';
import {fuse} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {type Ended, type Files, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

/** What a build can leave outside of its store. */
interface Traces {
	readonly mounts: readonly string[];
	readonly files: readonly string[];
}

/** Directories that tests make which run at the same time; others are the state of podman and buildah. */
const ofOtherTests = /\/(?:boxbuild-|bb-|p-|storage-run-|podman-|buildah-|libpod)[^\/]*$/v;

/** Other tests make directories beside these, and as root anybody; builds have no reason to make any there. */
function traces(temporary: string): Traces {
	const directories = process.getuid?.() === 0 ? ['/dev/shm'] : ['/tmp', '/dev/shm'];
	const names = directories.flatMap((directory) => readdirSync(directory).map((name) => `${directory}/${name}`)).filter(isOurs);
	return {
		mounts: readFileSync('/proc/self/mountinfo', 'utf8')
			.split('\n')
			.filter((line) => line.includes(place.directory)),
		files: [...names.filter((name) => !ofOtherTests.test(name)), ...readdirSync(temporary).map((name) => `${temporary}/${name}`)],
	};
}

function isOurs(path: string): boolean {
	return lstatSync(path, {throwIfNoEntry: false})?.uid === process.getuid?.();
}

/** Builds in the store; the processes that were seen in its slow step, when it has one, and what remains. */
async function buildAndLook(
	t: Test,
	files: string | Files,
	args: readonly string[],
	act?: (processes: BuildProcesses, child: ChildProcess) => void,
): Promise<Ended> {
	const temporary = place.fresh('tmp');
	mkdirSync(temporary);
	const before = traces(temporary);
	let child: ChildProcess | undefined;
	let seen: BuildProcesses | undefined;
	const ended = await place.build(files, [...args, '--progress', 'plain'], {
		env: {TMPDIR: temporary},
		started: (started) => {
			child = started;
		},
		output(text) {
			if (seen !== undefined || act === undefined || child?.pid === undefined || !text.includes('| begun')) return;
			seen = buildProcesses(child.pid);
			act(seen, child);
		},
	});
	if (act !== undefined) t.truthy(seen, ended.stderr);
	t.deepEqual(await survivorsOf(seen?.all ?? []), [], 'processes that were seen');
	const strays = (): readonly string[] =>
		runningProcesses()
			.map(({command}) => command)
			.filter((command) => command.includes(place.directory));
	t.deepEqual(strays(), [], 'processes that name the store');
	const after = traces(temporary);
	t.deepEqual(after.mounts, [], 'mounts');
	t.deepEqual(
		after.files.filter((name) => !before.files.includes(name)),
		[],
		'files',
	);
	return ended;
}

/** What the builds of the store have not deleted. */
const runsIn = ({store}: Workplace): readonly string[] =>
	readdirSync(`${store}/run`).filter((name) => /^[0-9a-f]{16}$|^\.trash/v.test(name));
const runs = (): readonly string[] => runsIn(place);

let number = 0;
/** A step that was never there before. */
const step = (command: string): Files =>
	busyboxFiles(`RUN --mount=type=cache,target=/c mkdir /d${number++} && echo a > /a && echo begun && ${command}\n`);

// Whether the touched files are others is known only when the worker is on its way, at any point of its start.
when(busybox, 'nothing remains of a worker that was started for nothing', async (t) => {
	const context = place.context(busyboxFiles('COPY made /made\nRUN echo x > /x\n', {made: 'once'}));
	t.is((await buildAndLook(t, context, [])).code, 0);
	// The digest is taken again when the file is old enough for it to be remembered.
	for (let round = 0; round < 6; round++) {
		await setTimeout(120);
		if (round > 0) utimesSync(`${context}/made`, round, round);
		const {code, stderr} = await buildAndLook(t, context, []);
		t.is(code, 0, stderr);
		t.regex(stderr, /RUN echo x > \/x cached/v);
		t.notRegex(stderr, /steps run with/v);
		t.deepEqual(runs(), []);
	}
});

// What it was looking at then may be of mode 000.
test.serial('nothing remains of a worker that was ended while it looked at the machine', async (t) => {
	for (let round = 0; round < 8; round++) {
		const fresh = new Workplace();
		try {
			const {code} = await fresh.build({Boxfile: `FROM host\nRUN true\n${'# a line more\n'.repeat(round * 200)}`});
			t.is(code, 2);
			t.deepEqual(runsIn(fresh), []);
		} finally {
			await fresh.remove();
		}
	}
});

for (const driver of ['overlay', 'fuse'] as const) {
	const needs = driver === 'fuse' ? [busybox, fuse] : [busybox];
	const options = ['--driver', driver];

	when(needs, `nothing remains of a build that succeeds, nor of one whose step fails: ${driver}`, async (t) => {
		t.is((await buildAndLook(t, step('sleep 0.5'), options, () => {})).code, 0);
		t.is((await buildAndLook(t, step('(sleep 100 &) && exit 3'), options)).code, 1);
		t.is((await buildAndLook(t, busyboxFiles('RUN --timeout=300ms sleep 100\n'), options)).code, 1);
		t.deepEqual(runs(), []);
		t.deepEqual(groupsOfBuilds(), []);
	});

	for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
		when(needs, `nothing remains after ${signal}: ${driver}`, async (t) => {
			const {code} = await buildAndLook(t, step('sleep 100'), options, (_, child) => child.kill(signal));
			t.is(code, 130);
			await buildAndLook(t, step('true'), options);
			t.deepEqual(runs(), []);
		});
	}

	const roles: readonly (readonly [role: Role, expected: number | null, words: RegExp])[] = [
		['command', null, /^/v],
		['enterer', 3, /error\[env\/worker-ended\]/v],
		['worker', 3, /error\[env\/worker-ended\]/v],
		['stepParent', 1, /error\[step\/setup\][\s\S]*ended before/v],
		['step', 1, /error\[step\/signal\]: the command is killed by SIGKILL/v],
		...(driver === 'fuse' ? [['server', 3, /error\[env\/server-ended\]/v] as const] : []),
	];
	for (const [role, expected, words] of roles) {
		when(needs, `nothing remains when the ${role} of a build is killed, and the next build is good: ${driver}`, async (t) => {
			const slow = step('while sleep 0.2; do echo x >> /a || exit 9; done');
			const ended = await buildAndLook(t, slow, options, (processes) => {
				const {pid} = processes[role] ?? {};
				if (pid === undefined) t.fail('there is no such process');
				else process.kill(pid, 'SIGKILL');
			});
			t.is(ended.code, expected, ended.stderr);
			t.regex(ended.stderr, words);
			t.notRegex(ended.stderr, /internal\/bug/v);
			const next = {...slow, Boxfile: String(slow['Boxfile']).replace(/while .*/v, 'cat /a')};
			const {code, stderr} = await buildAndLook(t, next, options);
			t.is(code, 0, stderr);
			t.deepEqual(runs(), []);
			t.deepEqual(groupsOfBuilds(), []);
		});
	}
}
