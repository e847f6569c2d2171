import test from 'ava';
import {mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {controller, groupsOfBuilds, homeWith} from '../support/control-groups.ts';
import {met, never, type Requirement} from '../support/requirement.ts';
import {notRoot, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

const plain = ['--progress', 'plain'];
const without = (...names: readonly string[]): Requirement =>
	controller(...names).holds ? never('there is a control group that does it', 'run the tests outside of it') : met;

/** Builds on busybox; the file /out of the result and what was said. */
async function result(t: Test, boxfile: string, args: readonly string[]): Promise<{readonly out: string; readonly stderr: string}> {
	const tar = place.fresh('out.tar');
	const {stderr} = await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`, ...plain, ...args]);
	return {out: await printedBy(['tar', '-xOf', tar, 'out']), stderr};
}

/** A program that keeps everything it reads, of which there is no end. */
const greedy = 'tail /dev/zero';

/** Starts as many processes as it can, 400 at most, and says how many; its shell ends when it can start no more, and the one around it starts none. */
const prolific =
	'(n=1; while [ $n -lt 400 ]; do sleep 30 > /dev/null 2>&1 & n=$((n+1)); echo $n > /n; done) 2> /dev/null; read n < /n; echo $n > /out';

when(
	[busybox, controller('memory')],
	'the processes of a step have so much memory together, and the error says it when they want more',
	async (t) => {
		const {code, stderr} = await place.build(busyboxFiles(`RUN ${greedy} & wait $!\n`), ['--memory', '64m', ...plain]);
		t.is(code, 1, stderr);
		t.regex(stderr, /^limits of a step: memory 64 MiB \(all processes together: cgroup\)$/mv);
		t.regex(stderr, /error\[step\/out-of-memory\]: the command needs more memory than its limit of 64 MiB/v);
		t.regex(stderr, /the kernel killed 1 of its processes/v);
		t.regex(stderr, /give it more with `--memory`/v);
		const {code: ignored, stderr: said} = await place.build(busyboxFiles(`RUN --retry=1 ${greedy} || true\n`), [
			'--memory',
			'64m',
			...plain,
		]);
		t.is(ignored, 1, 'another layer than without the limit must not be remembered');
		t.regex(said, /step\/out-of-memory[\s\S]*it exits with code 0/v);
		t.regex(said, /step\/retried[\s\S]*needs more memory than its limit/v);
		const both = ['dd if=/dev/zero of=/dev/shm/a bs=1M count=48 2> /dev/null', 'head -c 25000000 /dev/zero | tail > /dev/null'];
		for (const command of both) t.is((await place.build(busyboxFiles(`RUN ${command}\n`), ['--memory', '64m'])).code, 0, command);
		t.is((await place.build(busyboxFiles(`RUN ${both.join('; ')}\n`), ['--memory', '64m'])).code, 1, 'files in /dev/shm count');
		t.deepEqual(groupsOfBuilds(), []);
	},
);

when([busybox, without('memory')], 'without a memory controller each process has so much memory, and the build says so', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles(`RUN ${greedy}\n`), ['--memory', '64m', ...plain]);
	t.is(code, 1, stderr);
	t.regex(stderr, /^limits of a step: memory 64 MiB \(each process: RLIMIT_DATA: no memory controller\)$/mv);
	t.regex(stderr, /error\[step\/exit-code\][\s\S]*each of its processes had a limit: `--memory` 64 MiB[\s\S]*out of memory/v);
	const {out} = await result(t, 'RUN ulimit -d > /out\n', ['--memory', '64m']);
	t.is(out, '65536\n');
});

when([busybox, controller('pids')], 'a step has at most so many processes', async (t) => {
	const {out, stderr} = await result(t, `RUN ${prolific}\n`, ['--pids', '25']);
	t.regex(stderr, /^limits of a step: pids 25 \(all processes together: cgroup\)$/mv);
	t.true(Number(out) >= 20 && Number(out) <= 25, out);
	const {code, stderr: failed} = await place.build(busyboxFiles(`RUN ${prolific}; exit 3\n`), ['--pids-limit', '25', ...plain]);
	t.is(code, 1);
	t.regex(failed, /it wanted more than `--pids` 25 processes and threads/v);
	t.deepEqual(groupsOfBuilds(), []);
});

when([busybox, notRoot, without('pids')], 'without a pids controller its user has a limit', async (t) => {
	const {out, stderr} = await result(t, `RUN ${prolific}\n`, ['--pids', '25', '--jobs', '1']);
	t.regex(stderr, /^limits of a step: pids 25 \(RLIMIT_NPROC, which counts the builder's own, too: no pids controller\)$/mv);
	t.true(Number(out) >= 25 && Number(out) <= 80, out);
});

when(
	[busybox, root, without('pids')],
	'root without a pids controller is told that the number of processes cannot be limited',
	async (t) => {
		const {code, stderr} = await place.build(busyboxFiles('RUN true\n'), ['--pids', '25']);
		t.is(code, 3, stderr);
		t.regex(stderr, /error\[env\/limit\]: `--pids 25` cannot be enforced here/v);
		t.regex(stderr, /does not count processes of root/v);
	},
);

when([busybox, controller('cpu')], 'a step gets its share of the processors', async (t) => {
	const busy = 'timeout 2 sh -c "while :; do :; done" & timeout 2 sh -c "while :; do :; done"; wait';
	const own = 'g=$(grep " - cgroup2 " /proc/self/mountinfo | tail -n 1 | cut -d " " -f 5)$(sed -n s/^0:://p /proc/self/cgroup)';
	const look =
		'cat $g/cpu.max > /out; sed -n "s/^nr_throttled [1-9].*/throttled/p" $g/cpu.stat >> /out; echo max > $g/cpu.max; echo $g >> /out';
	const {out, stderr} = await result(t, `RUN ${busy}; ${own}; ${look}\n`, ['--cpus', '0.5']);
	t.regex(stderr, /^limits of a step: cpus 0\.5 \(all processes together: cgroup\)$/mv);
	t.regex(out, /^50000 100000\nthrottled\n\/.*\/boxbuild-[0-9a-f]{16}\/step-\d+\n$/v);
	t.regex(stderr, /Read-only file system/v);
});

when([busybox, without('cpu')], 'without a cpu controller a step is bound to as many processors', async (t) => {
	const {out, stderr} = await result(t, "RUN sed -n 's/^Cpus_allowed_list:\\t//p' /proc/self/status > /out; nproc >> /out\n", [
		'--cpus',
		'1',
	]);
	t.regex(stderr, /^limits of a step: cpus 1 \(bound to 1 processor: no cpu controller\)$/mv);
	t.regex(out, /^\d+\n1\n$/v);
	const {stderr: many} = await result(t, 'RUN nproc > /out\n', ['--cpus', '4000']);
	t.regex(many, /^limits of a step: cpus 4000 \(bound to \d+ processors/mv);
});

when(busybox, 'limits are no part of what a step yields', async (t) => {
	const {out} = await result(t, 'RUN cat /proc/sys/kernel/random/uuid > /out\n', ['--memory', '1g']);
	const {out: again, stderr} = await result(t, 'RUN cat /proc/sys/kernel/random/uuid > /out\n', ['--memory', '2g', '--cpus', '1']);
	t.is(again, out);
	t.regex(stderr, /RUN cat .* cached/v);
});

when(busybox, 'limits come from the environment and the configuration, too', async (t) => {
	const boxfile = busyboxFiles('RUN true\n');
	const {stderr} = await place.built(t, boxfile, [...plain, '--no-cache'], {env: {BOXBUILD_MEMORY: '100MB'}});
	t.regex(stderr, /^limits of a step: memory 100\.0 MB \(/mv);
	const config = place.fresh('config');
	mkdirSync(`${config}/boxbuild`, {recursive: true});
	writeFileSync(`${config}/boxbuild/config.yaml`, 'memory: 64m\n');
	const {stderr: configured} = await place.built(t, boxfile, [...plain, '--no-cache'], {env: {XDG_CONFIG_HOME: config}});
	t.regex(configured, /^limits of a step: memory 64 MiB \(/mv);
	const {code, stderr: refused} = await place.build(boxfile, ['--cpus', 'all']);
	t.is(code, 2);
	t.regex(refused, /`--cpus` does not take `all`/v);
});

when(busybox, 'a limit above what the builder may have itself is no obstacle', async (t) => {
	const under = ['sh', '-c', 'ulimit -d 30000000; ulimit -u 3000; exec "$@"', 'sh'];
	const args = ['--memory', '900g', '--cpus', '64', ...(process.getuid?.() === 0 ? [] : ['--pids', '100000'])];
	const {code, stderr} = await place.build(busyboxFiles('RUN ulimit -d\n'), args, {under});
	t.is(code, 0, stderr);
});

when([busybox, controller('memory', 'pids')], 'an interrupt leaves no group, and CHECK is limited, too', async (t) => {
	const {code} = await place.build(busyboxFiles('RUN echo begun; sleep 100\n'), ['--pids', '50', ...plain], {
		started: (child) => {
			child.stderr?.on('data', (text: string) => {
				if (text.includes('| begun')) child.kill('SIGINT');
			});
		},
	});
	t.is(code, 130);
	t.deepEqual(groupsOfBuilds(), []);
	const checked = await place.build(busyboxFiles(`CHECK ${greedy}\n`), ['--memory', '64m', ...plain]);
	t.is(checked.code, 1);
	t.regex(checked.stderr, /error\[step\/out-of-memory\]/v);
});

when([busybox, controller('pids')], 'the group of a killed build is gone after the next one', async (t) => {
	const files = busyboxFiles('RUN echo begun; sleep 100\n');
	const {signal} = await place.build(files, ['--pids', '50', ...plain], {
		started: (child) => {
			child.stderr?.on('data', (text: string) => {
				if (text.includes('| begun')) child.kill('SIGKILL');
			});
		},
	});
	t.is(signal, 'SIGKILL');
	await setTimeout(300);
	t.is(groupsOfBuilds().length, 1);
	await place.built(t, busyboxFiles('RUN echo next\n'), ['--pids', '50']);
	t.deepEqual(groupsOfBuilds(), []);
});

when([busybox, controller('pids')], 'builds at the same time leave the groups of each other alone', async (t) => {
	const files = (text: string): Parameters<Workplace['build']>[0] => busyboxFiles(`RUN sleep 1; echo ${text}\nRUN sleep 0.3\n`);
	const ended = await Promise.all(['a', 'b', 'c'].map((text) => place.build(files(text), ['--pids', '50', ...plain])));
	for (const {code, stderr} of ended) t.is(code, 0, stderr);
	t.deepEqual(groupsOfBuilds(), []);
});

when([busybox, notRoot, controller('pids')], 'a scope that was given to the build alone: the build makes room in it', async (t) => {
	const scope = `${homeWith('pids')}/given-${process.pid}.scope`;
	mkdirSync(scope);
	const under = ['sh', '-c', `echo 0 > ${scope}/cgroup.procs && exec "$@"`, 'sh'];
	const {code, stderr} = await place.build(busyboxFiles('RUN echo in a scope\n'), ['--pids', '50', ...plain], {under});
	t.is(code, 0, stderr);
	t.regex(stderr, /^limits of a step: pids 50 \(all processes together: cgroup\)$/mv);
	t.regex(readFileSync(`${scope}/cgroup.subtree_control`, 'utf8'), /pids/v);
	t.deepEqual(
		readdirSync(scope).filter((name) => name.startsWith('boxbuild')),
		['boxbuild'],
	);
	rmdirSync(`${scope}/boxbuild`);
	rmdirSync(scope);
});
