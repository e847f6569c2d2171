import type {ExecutionContext} from 'ava';
import test from 'ava';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {debianProgram} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {boxbuildProgram, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** What a build does in the order in which its own process does it: loads the command, and starts the first process. */
async function orderOf(t: ExecutionContext, context: string, args: readonly string[] = []): Promise<readonly string[]> {
	const log = place.fresh('strace');
	await place.built(t, context, args, {under: ['strace', '-qq', '-e', 'trace=openat,vfork,clone,clone3', '-o', log]});
	const seen = readFileSync(log, 'utf8')
		.split('\n')
		.flatMap((line) => (/\bvfork\(|CLONE_VFORK/v.test(line) ? ['start'] : line.includes('/boxbuild.js"') ? ['load'] : []));
	return seen.filter((what, at) => seen.indexOf(what) === at);
}

when([busybox, debianProgram('strace')], 'a build whose files have changed starts the worker before anything else', async (t) => {
	const context = place.context(busyboxFiles('COPY word /word\nRUN cat /word > /x\n', {word: 'one'}));
	t.deepEqual(await orderOf(t, context), ['load', 'start'], 'the first build of a store');
	t.deepEqual(await orderOf(t, context), ['load'], 'nothing has changed');
	t.deepEqual(await orderOf(t, context, ['-t', 'name']), ['load'], 'it is called something');
	writeFileSync(`${context}/word`, 'two');
	t.deepEqual(await orderOf(t, context), ['start', 'load'], 'a source');
	writeFileSync(`${context}/Boxfile`, `${readFileSync(`${context}/Boxfile`, 'utf8')}RUN echo more > /y\n`);
	t.deepEqual(await orderOf(t, context), ['start', 'load'], 'the Boxfile');
	t.deepEqual(await orderOf(t, context, ['--no-cache']), ['start', 'load'], 'nothing is to be a hit');
	t.deepEqual(await orderOf(t, place.context(busyboxFiles('RUN echo other > /x\n'))), ['start', 'load'], 'a context that was never built');
});

when([busybox, debianProgram('strace')], 'a build whose changes needed no worker is followed by one that starts none early', async (t) => {
	const context = place.context(busyboxFiles('RUN echo x > /x\nCOPY word /word\n', {word: 'only one'}));
	await place.built(t, context);
	writeFileSync(`${context}/word`, 'only two');
	t.deepEqual(await orderOf(t, context), ['start', 'load']);
	writeFileSync(`${context}/word`, 'only three');
	t.deepEqual(await orderOf(t, context), ['load']);
	writeFileSync(`${context}/Boxfile`, readFileSync(`${context}/Boxfile`, 'utf8').replace('echo x', 'echo y'));
	t.deepEqual(await orderOf(t, context), ['load', 'start']);
	writeFileSync(`${context}/word`, 'only four');
	t.deepEqual(await orderOf(t, context), ['start', 'load']);
});

test.serial('a build needs no working directory', async (t) => {
	const context = place.context({Boxfile: 'FROM scratch\nCOPY word /word\n', word: 'no directory'});
	const build = [process.execPath, boxbuildProgram, 'build', '--store', place.store, '--quiet', context];
	const gone = place.fresh('gone');
	const {code, stdout, stderr} = await runProgram(['sh', '-c', 'mkdir "$0" && cd "$0" && rmdir "$0" && exec "$@"', gone, ...build]);
	t.is(code, 0, stderr);
	t.is(stdout.trim(), await place.digest(t, context));
});

/** The note of how the last worker was started. */
function launchNote(): string {
	const name = readdirSync(`${place.store}/memo`).find((file) => file.endsWith('.launch'));
	return `${place.store}/memo/${name}`;
}

when(busybox, 'a wrong note of the last start does no harm', async (t) => {
	const build = async (number: number, args: readonly string[] = []): Promise<void> => {
		const context = place.context(busyboxFiles(`RUN echo ${number} > /x\n`));
		const {stderr} = await place.built(t, context, ['--no-cache', '--progress', 'plain', ...args]);
		t.regex(stderr, /steps run with/v);
	};
	await build(0);
	const right = readFileSync(launchNote(), 'utf8');
	const {key, value} = JSON.parse(right) as {key: string; value: {inputs: string; program: string; mapping?: object}};
	const wrong: readonly unknown[] = [
		null,
		[],
		{...value, program: '/nowhere/program'},
		{...value, program: 7},
		{...value, inputs: `${value.inputs} `},
		{...value, mapping: {programs: [{file: '/bin/false', args: []}], files: [], path: '/bin'}},
		{...value, mapping: {programs: 'none'}},
	];
	for (const [number, other] of wrong.entries()) {
		writeFileSync(launchNote(), JSON.stringify({key, value: other}));
		await build(number + 1);
		t.is(readFileSync(launchNote(), 'utf8'), right, JSON.stringify(other));
	}
	for (const text of ['', '{', '{"key":1}']) {
		writeFileSync(launchNote(), text);
		await build(wrong.length + 1);
		t.is(readFileSync(launchNote(), 'utf8'), right, text);
	}
	await build(wrong.length + 2, ['--memory', '200m']);
});
