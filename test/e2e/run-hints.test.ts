import test from 'ava';
import {readdirSync, readFileSync, statSync, utimesSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {fuse} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

/** A step with a cache mount at /c, which outlives attempts and builds. */
function step(flags: string, id: string, command: string): string {
	return `RUN ${flags} --mount=type=cache,id=${id},target=/c ${command}\n`;
}

/** Builds on busybox; the file /out of the result and what was said. */
async function result(
	t: Test,
	boxfile: string,
	args: readonly string[] = [],
	env: Readonly<Record<string, string>> = {},
): Promise<{out: string; stderr: string}> {
	const tar = place.fresh('out.tar');
	const {stderr} = await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`, ...args], {env});
	return {out: await printedBy(['tar', '-xOf', tar, 'out']), stderr};
}

/** How the steps ended whose number is from 4 on: those behind the base. */
function ends(stderr: string): readonly string[] {
	return [...stderr.matchAll(/^\[base (?:[4-9])\/\d\].* (cached|done|failed)(?: (?:in|after) \S+)?$/gmv)].map(([, how = '']) => how);
}

const failsTwice = 'echo x >> /c/count; echo says $(wc -l < /c/count); test $(wc -l < /c/count) -ge 3';

for (const driver of ['overlay', 'fuse'] as const) {
	const needs = driver === 'fuse' ? [busybox, fuse] : [busybox];

	when(needs, `a command that fails twice runs three times, each time from the same files: ${driver}`, async (t) => {
		const mounts = '--mount=target=/src,rw --mount=type=tmpfs,target=/t --mount=type=secret,id=s';
		const found =
			'for f in /here /src/here /t/here; do test -e $f && echo found $f >> /c/log; echo x > $f; done; cat /run/secrets/s >> /c/log';
		const boxfile = step(`--retry=2 ${mounts}`, `twice-${driver}`, `${found}; rm /etc/group; ${failsTwice} && cat /c/log > /out`);
		const options = ['--driver', driver, '--secret', 'id=s,env=S'];
		const {out, stderr} = await result(t, boxfile, options, {S: 'secret '});
		t.is(out, 'secret secret secret ');
		t.is(stderr.match(/warning\[step\/retried\]: the command exits with code 1 and runs again/gv)?.length, 2, stderr);
		t.regex(stderr, /attempt 1 of 3[\s\S]*attempt 2 of 3/v);
		t.notRegex(stderr, /rm: /v);
		t.deepEqual(ends((await result(t, boxfile, options, {S: ''})).stderr), ['cached']);
	});

	when(needs, `at the time limit every process of the attempt is killed, and the next attempt finds none: ${driver}`, async (t) => {
		const writer = `(trap '' TERM HUP INT; while :; do echo x >> /c/log; sleep 0.05; done)`;
		const first = `touch /c/first; setsid sh -c "${writer}" > /dev/null 2>&1 & ${writer} & sleep 100`;
		const second = 'wc -l < /c/log > /out; sleep 0.5; wc -l < /c/log >> /out';
		const boxfile = step('--retry=1 --timeout=1s', `tree-${driver}`, `if test -e /c/first; then ${second}; else ${first}; fi`);
		const {out, stderr} = await result(t, boxfile, ['--driver', driver]);
		const [before = '', after = ''] = out.split('\n');
		t.true(Number(before) > 2, out);
		t.is(after, before);
		t.regex(stderr, /the command is killed after 1s and runs again/v);
	});
}

when(busybox, 'a command that always fails: one error, that of the last attempt, with its output only', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles(step('--retry=1', 'always', failsTwice)));
	t.is(code, 1);
	t.regex(stderr, /error\[step\/exit-code\]: the command exits with code 1\n --> Boxfile:6:1\n/v);
	t.regex(stderr, /this was the last of 2 attempts/v);
	const [, because = ''] = /its last lines were:\n([\s\S]*?)\n *= help/v.exec(stderr) ?? [];
	t.regex(because, /says 2/v);
	t.notRegex(because, /says 1/v);
	const [, log = ''] = /read its whole output: (.*)$/mv.exec(stderr) ?? [];
	t.regex(readFileSync(log, 'utf8'), /says 1\nwarning\[step\/retried\][\s\S]*says 2\n/v);
});

when(busybox, 'a program that is not there is not tried again', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles('RUN --retry=3 ["/no/such"]\n'));
	t.is(code, 1, stderr);
	t.regex(stderr, /step\/cannot-start/v);
	t.notRegex(stderr, /step\/retried/v);
});

when(busybox, 'a command over its time limit: an error that names the limit, at the flag', async (t) => {
	const {code, stderr, milliseconds} = await place.build(busyboxFiles('RUN --network=none --timeout=300ms echo begun; sleep 100\n'));
	t.is(code, 1, stderr);
	t.true(milliseconds < 30_000);
	t.regex(stderr, /error\[step\/timeout\]: the command is killed because it has not ended after 300ms\n --> Boxfile:6:20\n/v);
	t.regex(stderr, /its last lines were:\s+begun/v);
	t.deepEqual((await place.built(t, busyboxFiles('RUN --timeout=60s true\n'))).code, 0);
});

when(busybox, 'an interrupt ends a command that would run again', async (t) => {
	const {code, signal, stderr, milliseconds} = await place.build(
		busyboxFiles('RUN --retry=100 --timeout=200s echo begun; sleep 100\n'),
		[],
		{
			started: (child) => {
				let said = '';
				child.stderr?.on('data', (text: string) => {
					said += text;
					if (said.includes('| begun')) child.kill('SIGINT');
				});
			},
		},
	);
	t.true(code === 130 || signal === 'SIGINT', stderr);
	t.true(milliseconds < 30_000);
	t.notRegex(stderr, /step\/retried/v);
});

when(busybox, '--no-cache runs in every build, and the same layer gives hits below', async (t) => {
	const boxfile = `${step('--no-cache', 'always-new', 'echo x >> /c/log; echo same > /a')}${step('', 'always-new', 'wc -l < /c/log > /out')}`;
	t.is((await result(t, boxfile)).out, '1\n');
	const again = await result(t, boxfile);
	t.deepEqual(ends(again.stderr), ['done', 'cached']);
	t.is(again.out, '1\n');
	const off = await result(t, boxfile.replace('--no-cache', '--no-cache=false'));
	t.deepEqual(ends(off.stderr), ['cached', 'cached'], 'the flag does not enter the key');
});

when(busybox, 'with --no-cache another layer gives misses below', async (t) => {
	const boxfile = `${step('--no-cache', 'grows', 'echo x >> /c/log; cp /c/log /a')}RUN wc -l < /a > /out\n`;
	t.is((await result(t, boxfile)).out, '1\n');
	t.is((await result(t, boxfile)).out, '2\n');
});

when(busybox, 'adding a hint to a step, or changing it, makes nothing run', async (t) => {
	const command = 'cat /proc/sys/kernel/random/uuid > /out\n';
	const {out} = await result(t, `RUN ${command}`);
	for (const flags of ['--retry=1', '--retry=2 --timeout=10s', '--cache-ttl=1h', '--timeout=1h --cache-ttl=9999h'])
		t.is((await result(t, `RUN ${flags} ${command}`)).out, out, flags);
});

when(busybox, 'a result older than --cache-ttl is a miss, whatever its last use', async (t) => {
	const boxfile = (ttl: string): string => step(`--cache-ttl=${ttl}`, 'aging', 'echo x >> /c/log; wc -l < /c/log > /out');
	t.is((await result(t, boxfile('1h'))).out, '1\n');
	await setTimeout(1100);
	t.is((await result(t, boxfile('1h'))).out, '1\n', 'a hit, which is a use');
	t.is((await result(t, boxfile('1s'))).out, '2\n');
	t.is((await result(t, boxfile('1h'))).out, '2\n', 'the new result is remembered');
	t.is((await result(t, boxfile('0'))).out, '3\n');
});

when(busybox, 'the age is in the record, not in the time of its file', async (t) => {
	const boxfile = 'RUN --cache-ttl=1h cat /proc/sys/kernel/random/uuid > /out\n';
	const {out} = await result(t, boxfile);
	const records = readdirSync(`${place.store}/steps`, {recursive: true, encoding: 'utf8'}).filter((name) => name.endsWith('.json'));
	t.true(records.length > 0);
	for (const name of records) utimesSync(`${place.store}/steps/${name}`, 1, 1);
	t.is((await result(t, boxfile)).out, out);
	t.true(records.some((name) => statSync(`${place.store}/steps/${name}`).mtimeMs > Date.now() - 60_000));
});
