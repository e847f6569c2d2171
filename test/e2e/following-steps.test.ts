import test from 'ava';
import {readdirSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

// Steps that never ran are asked for while the one below runs; what they find, and what is said of them, is as if each had been waited for.
const place = new Workplace();
test.after.always(() => place.remove());

type Test = Parameters<Workplace['built']>[0];

async function outOf(t: Test, boxfile: string): Promise<string> {
	const tar = place.fresh('out.tar');
	await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`, '--no-cache']);
	return printedBy(['tar', '-xOf', tar, 'out']);
}

when(busybox, 'who a step runs as is what the step before has written into the account files', async (t) => {
	const out = await outOf(
		t,
		`RUN id -G > /log; echo 'new:x:77:78::/home/new:/bin/sh' >> /etc/passwd; chmod 666 /log
USER new
RUN id -u >> /log; id -G >> /log
USER root
RUN sed -i 's/^new:x:77:/new:x:88:/' /etc/passwd; echo 'more:x:99:new' >> /etc/group
USER new
RUN id -u >> /log; id -G >> /log; echo $HOME >> /log
USER root
RUN mv /etc/passwd /etc/accounts; ln -s accounts /etc/passwd
RUN sed -i 's/^new:x:88:78:/new:x:66:67:/' /etc/accounts
USER new
RUN id -u >> /log
USER root
RUN sed -i 's/^new:x:66:/new:x:55:/' /etc/accounts
USER new
RUN id -u >> /log
USER root
RUN rm -r /etc; mkdir /etc; echo 'new:x:44:44::/:/bin/sh' > /etc/passwd
USER new
RUN id -u >> /log
USER 0
RUN mv /log /out
`,
	);
	t.deepEqual(out.trim().split('\n'), ['0 29', '77', '78', '88', '78 99', '/home/new', '66', '55', '44']);
});

when(busybox, 'steps that change nothing, few files, many files and delete what others have made', async (t) => {
	const out = await outOf(
		t,
		`RUN true
RUN echo one > /one
RUN true
RUN mkdir /many; cd /many; for i in $(seq 400); do echo $i > $i; done; mkdir /kept; echo a > /kept/a
RUN rm /one; test -e /many/400
RUN test ! -e /one; rm -r /many; echo b > /kept/b
ENV A=1
LABEL b=2
RUN test ! -e /many; rm -r /kept; mkdir /kept; echo $A > /kept/c
RUN true
RUN ls -R /kept / | grep -cE '^(one|many|a|b)$'; ls /kept > /out; cat /kept/c >> /out
`,
	);
	t.is(out, 'c\n1\n');
});

when(busybox, 'what follows a step that fails neither runs nor is told of', async (t) => {
	const boxfile = 'RUN echo first\nRUN echo second; exit 3\nRUN echo third; touch /c/third\nRUN echo fourth\n';
	const {code, stderr} = await place.build(busyboxFiles(boxfile));
	t.is(code, 1);
	t.regex(stderr, /error\[step\/exit-code\]: the command exits with code 3\n --> Boxfile:7:1/v);
	t.notRegex(stderr, /third|fourth/v);
	const [, directory = '', step = ''] = /read its whole output: (\S+)\/(\d+)\.log$/mv.exec(stderr) ?? [];
	const logs = readdirSync(directory);
	t.true(logs.includes(`${step}.log`));
	t.false(logs.includes(`${Number(step) + 1}.log`));
	const again = await place.build(busyboxFiles(boxfile.replace('exit 3', 'exit 0').replace('touch', 'echo')));
	t.is(again.code, 0, again.stderr);
});

when(busybox, 'what follows a step that is tried again runs once, on its last attempt', async (t) => {
	const step = 'RUN --retry=2 --mount=type=cache,target=/c echo x >> /c/n; wc -l < /c/n > /n; test $(wc -l < /c/n) -ge 3';
	t.is(await outOf(t, `RUN true\n${step}\nRUN cat /n >> /out\nRUN echo end >> /out\n`), '3\nend\n');
});

when(busybox, 'the output of each step comes between its begin and its end, in the order of the steps', async (t) => {
	const {stderr} = await place.built(t, busyboxFiles(Array.from({length: 12}, (_, at) => `RUN echo says-${at}\n`).join('')), [
		'--no-cache',
	]);
	const said = [...stderr.matchAll(/^\[base (?:[4-9]|1\d)\/15\] (.*)$/gmv)].map(([, line = '']) => line.replace(/^.*done in .*$/v, 'done'));
	t.deepEqual(said, Array.from({length: 12}, (_, at) => [`RUN echo says-${at}`, `| says-${at}`, 'done']).flat(), stderr);
});

when(busybox, 'with one job at a time the steps of two stages never run at the same time', async (t) => {
	const stage = (name: string): string =>
		`FROM base AS ${name}\n${Array.from({length: 5}, (_, at) => `RUN --mount=type=cache,target=/c test ! -e /c/busy; touch /c/busy; sleep 0.0${at}; rm /c/busy\nRUN echo ${at} >> /${name}\n`).join('')}`;
	const boxfile = `${stage('one')}${stage('two')}FROM base\nCOPY --from=one /one /\nCOPY --from=two /two /\nRUN cat /one /two > /out\n`;
	const tar = place.fresh('out.tar');
	await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`, '--jobs', '1']);
	t.is(await printedBy(['tar', '-xOf', tar, 'out']), '0\n1\n2\n3\n4\n0\n1\n2\n3\n4\n');
});

when(busybox, 'a build without its cache gives the same layers as one step after the other', async (t) => {
	const commands = ['mkdir -p /a/b && echo 1 > /a/b/c', 'true', 'chmod 700 /a', 'ln /a/b/c /d', 'rm /a/b/c', 'echo 2 > /a/b/c'];
	const boxfile = (flags: string): string => commands.map((command) => `RUN ${flags} ${command}\n`).join('');
	const layers = async (flags: string): Promise<unknown> => {
		await place.built(t, busyboxFiles(boxfile(flags)), ['-t', 'compared', '--no-cache']);
		const {stdout} = await place.boxbuild(['inspect', 'compared']);
		const {diff_ids: diffIds} = (JSON.parse(stdout) as {config: {rootfs: {diff_ids: readonly string[]}}}).config.rootfs;
		t.true(diffIds.length > commands.length);
		return diffIds;
	};
	t.deepEqual(await layers(''), await layers('--retry=1'));
});

when(busybox, 'a build does not wait for a step that another one will only run after a long one', async (t) => {
	const mark = place.fresh('mark');
	let runs = (): void => {};
	const running = new Promise<void>((resolve) => {
		runs = resolve;
	});
	const long = place.build(busyboxFiles(`RUN echo ${mark}; sleep 20; echo slow\nRUN echo shared > /out\n`), ['--no-cache'], {
		output: (text) => {
			if (text.includes(`| ${mark}`)) runs();
		},
	});
	await Promise.race([running, long]);
	// By then the worker of the first has been asked for both.
	await setTimeout(300);
	const {milliseconds} = await place.built(t, busyboxFiles('RUN echo shared > /out\n'));
	t.true(milliseconds < 10_000, String(milliseconds));
	t.is((await long).code, 0);
});
