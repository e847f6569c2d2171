import test from 'ava';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const needs = [busybox];

/** The steps whose instruction is CHECK: how each ended. */
function checks(stderr: string): readonly string[] {
	return [...stderr.matchAll(/^\[base \d+\/\d+\] CHECK.* (cached|done|failed)(?: (?:in|after) \S+)?$/gmv)].map(([, how = '']) => how);
}

when(needs, 'a CHECK sees the state so far, leaves nothing behind, and the image is the same without it', async (t) => {
	const check = 'CHECK test -w /d/own && echo x > /d/own && rm /bin/ls && test $(id -u) = 0\n';
	const make = 'RUN mkdir /d && echo a > /d/own\n';
	const rest = 'RUN cat /d/own > /out; test -e /bin/ls\n';
	const plain = await place.digest(t, busyboxFiles(make + rest));
	const checked = await place.digest(t, busyboxFiles(`${make}${check}${rest}`));
	t.is(checked, plain);
});

when(needs, 'a CHECK that passed on the same files is remembered, and runs again on others', async (t) => {
	const boxfile = (content: string, comment = '') =>
		busyboxFiles(`RUN echo ${content} > /f\n${comment}CHECK grep -q a /f\nRUN echo b > /g\n`);
	t.deepEqual(checks((await place.built(t, boxfile('aa'))).stderr), ['done']);
	t.deepEqual(checks((await place.built(t, boxfile('aa', '# says nothing\n'))).stderr), ['cached']);
	t.deepEqual(checks((await place.built(t, boxfile('ab'))).stderr), ['done']);
	t.deepEqual(checks((await place.built(t, boxfile('ab'), ['--no-cache'])).stderr), ['done']);
});

when(needs, 'a CHECK that fails ends the build with its output and exit code 1, and is not remembered', async (t) => {
	const files = busyboxFiles('CHECK echo because it is so; exit 3\n');
	for (const _ of [1, 2]) {
		const {code, stderr} = await place.build(files);
		t.is(code, 1);
		t.regex(stderr, /error\[step\/exit-code\]: the command exits with code 3[\s\S]*CHECK echo because[\s\S]*because it is so/v);
	}
});

when(needs, 'a CHECK has the flags of RUN', async (t) => {
	const count = '--mount=type=cache,id=checks,target=/c';
	const boxfile = `CHECK ${count} --retry=2 --network=none echo x >> /c/n; test $(wc -l < /c/n) -ge 2\nRUN ${count} cp /c/n /n\n`;
	const tar = place.fresh('out.tar');
	await place.built(t, busyboxFiles(boxfile), ['-o', `type=tar,dest=${tar}`]);
	t.is(await printedBy(['tar', '-xOf', tar, 'n']), 'x\nx\n');
});

when(needs, 'a CHECK of a stage that is only copied from runs, and one of a stage that nobody needs does not', async (t) => {
	const copied = await place.build(busyboxFiles('RUN echo a > /f\nCHECK false\nFROM scratch\nCOPY --from=base /f /\n'));
	t.is(copied.code, 1);
	await place.built(t, busyboxFiles('CHECK false\nFROM scratch\nCOPY bin/busybox /\n'));
});

when(needs, 'a CHECK of ONBUILD runs where the stage is used', async (t) => {
	const {code, stderr} = await place.build(busyboxFiles('ONBUILD CHECK test -e /f\nFROM base\n'));
	t.is(code, 1, stderr);
	await place.built(t, busyboxFiles('ONBUILD CHECK test -e /bin/sh\nFROM base\nRUN true\n'));
});

when(needs, 'budgets are compared with everything the image holds, by the place of each', async (t) => {
	const steps = 'RUN cp /bin/busybox /s && chmod 4755 /s && mkdir -p /root/.cache/x && cp /bin/busybox /gone\nRUN rm /gone\n';
	const within = 'CHECK --max-size=20MB --no-path=/gone --no-path=/root/.cache/y --no-setuid=false\n';
	t.deepEqual(checks((await place.built(t, busyboxFiles(steps + within))).stderr), ['done']);
	t.deepEqual(checks((await place.built(t, busyboxFiles(steps + within))).stderr), ['cached']);
	const {code, stderr} = await place.build(busyboxFiles(`${steps}CHECK --max-size=1MB --no-setuid --no-path=/root/.cache/**\n`));
	t.is(code, 1);
	t.regex(stderr, /error\[step\/budget-size\]: the image is larger than 1MB[\s\S]*unpacked, and 1000000 are allowed[\s\S]*MB: RUN cp/v);
	t.regex(stderr, /error\[step\/budget-setuid\]: a file runs[\s\S]*\/s \(mode 4755\)/v);
	t.regex(stderr, /error\[step\/budget-path\]: the image holds what `\/root\/\.cache\/\*\*` forbids[\s\S]*= because: \/root\/\.cache\/x/v);
});
