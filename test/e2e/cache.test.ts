import test from 'ava';
import {cpSync, readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {busybox, busyboxFiles} from '../support/busybox.ts';
import {debianProgram} from '../support/requirements.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';
import {printedBy, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

const hello = place.fresh('hello');
cpSync(join(topFolder(), 'examples/hello'), hello, {recursive: true});

/** `cached`, `done`... by the name of the step. */
function outcomes(stderr: string): Record<string, string> {
	const found: Record<string, string> = {};
	for (const [, step = '', how = ''] of stderr.matchAll(/^\[(\S+ \d+\/\d+)\].* (cached|done|failed)(?: (?:in|after) \S+)?$/gmv))
		found[step] = how;
	return found;
}

test.serial('examples/hello builds from nothing and holds what its steps wrote', async (t) => {
	const {stderr} = await place.built(t, hello, ['-o', `type=local,dest=${place.directory}/hello-out`]);
	t.true(
		Object.values(outcomes(stderr)).every((how) => how === 'done'),
		stderr,
	);
	t.is(readFileSync(`${place.directory}/hello-out/counted.txt`, 'utf8').split('\n')[0], '      3 layer');
	t.regex(readFileSync(`${place.directory}/hello-out/hello.txt`, 'utf8'), /^Hello from boxbuild\.\nBuilt on Linux by user 0 /v);
});

test.serial('a second build runs nothing', async (t) => {
	const {stderr} = await place.built(t, hello);
	t.false(stderr.includes('steps run with'), stderr);
	t.deepEqual(new Set(Object.values(outcomes(stderr))), new Set(['cached']), stderr);
});

when(debianProgram('strace'), 'a cached build starts no second process', async (t) => {
	const log = place.fresh('strace');
	const {stderr} = await place.built(t, hello, [], {
		under: ['strace', '-f', '-qq', '-e', 'trace=execve,fork,vfork,clone,clone3', '-o', log],
	});
	const calls = readFileSync(log, 'utf8').split('\n');
	t.is(calls.filter((line) => line.includes('execve(')).length, 1, calls.join('\n'));
	t.deepEqual(
		calls.filter((line) => /\b(?:v?fork|clone3?)\(/v.test(line) && !line.includes('CLONE_THREAD')),
		[],
		stderr,
	);
});

test.serial('an edited file reruns only what depends on it', async (t) => {
	writeFileSync(`${hello}/words.txt`, 'layer\nother\n');
	const {stderr} = await place.built(t, hello);
	t.deepEqual(outcomes(stderr), {
		'build 1/4': 'cached',
		'build 2/4': 'cached',
		'build 3/4': 'done',
		'build 4/4': 'done',
		'stage-1 1/1': 'done',
	});
	cpSync(join(topFolder(), 'examples/hello'), hello, {recursive: true});
	const again = await place.built(t, hello);
	t.deepEqual(new Set(Object.values(outcomes(again.stderr))), new Set(['cached']), again.stderr);
});

test.serial('touching a file without changing it reruns nothing', async (t) => {
	writeFileSync(`${hello}/words.txt`, readFileSync(`${hello}/words.txt`));
	const {stderr} = await place.built(t, hello);
	t.deepEqual(new Set(Object.values(outcomes(stderr))), new Set(['cached']), stderr);
});

when(busybox, 'a step that reruns and makes the same layer gives hits below it', async (t) => {
	const tail = 'RUN cat /a > /b\nRUN cat /b > /c\n';
	await place.built(t, busyboxFiles(`RUN echo 1 > /a\n${tail}`));
	const {stderr} = await place.built(t, busyboxFiles(`RUN echo 1 > /a # said otherwise\n${tail}`));
	t.deepEqual(outcomes(stderr), {
		'base 1/6': 'cached',
		'base 2/6': 'cached',
		'base 3/6': 'cached',
		'base 4/6': 'done',
		'base 5/6': 'cached',
		'base 6/6': 'cached',
	});
});

when(busybox, 'a base of many layers is a hit as long as each of them is there, and of use to a step that is none', async (t) => {
	const own = new Workplace();
	t.teardown(() => own.remove());
	const before = new Set<string>();
	const layersNow = (): string[] => readdirSync(`${own.store}/layers`).filter((entry) => /^[0-9a-f]{64}$/v.test(entry));
	await own.built(t, busyboxFiles(''), ['-t', 'few']);
	for (const layer of layersNow()) before.add(layer);
	const steps = Array.from({length: 12}, (_, at) => `RUN echo ${at} > /f${at}\n`).join('');
	await own.built(t, busyboxFiles(steps), ['-t', 'many']);
	const layer = layersNow().find((entry) => !before.has(entry)) ?? '';
	const files = {Boxfile: 'FROM many\nRUN cat /f* > /all\n'};
	const context = own.context(files);
	const build = (...args: readonly string[]): ReturnType<Workplace['build']> =>
		own.build(context, ['--pull', 'never', '-t', 'top', ...args]);
	const digests: string[] = [];
	for (const how of ['done', 'cached', 'cached', 'cached']) {
		const {stderr, stdout, code} = await build();
		t.is(code, 0, stderr);
		t.deepEqual(outcomes(stderr), {'stage-0 1/1': how}, stderr);
		digests.push(stdout.match(/sha256:[0-9a-f]{64}/v)?.[0] ?? '');
	}
	t.is(new Set(digests).size, 1);
	renameSync(`${own.store}/layers/${layer}`, `${own.store}/layers/.trash-${layer}`);
	for (const args of [[], ['--no-cache']]) {
		const {stderr, code} = await build(...args);
		t.is(code, 4, stderr);
		t.regex(stderr, /store\/blob-missing/v);
	}
	renameSync(`${own.store}/layers/.trash-${layer}`, `${own.store}/layers/${layer}`);
	const {stderr, stdout} = await build('--no-cache');
	t.deepEqual(outcomes(stderr), {'stage-0 1/1': 'done'}, stderr);
	t.is(stdout.match(/sha256:[0-9a-f]{64}/v)?.[0], digests[0]);
});

when(busybox, 'a RUN that writes nothing makes no layer and is cached all the same', async (t) => {
	const files = busyboxFiles('RUN true\nRUN cat /etc/passwd > /dev/null\nRUN mkdir /x && rmdir /x\n');
	const {stdout} = await place.built(t, files, ['-t', 'empty']);
	t.regex(stdout, /^ {6}3 layers/mv);
	t.deepEqual(new Set(Object.values(outcomes((await place.built(t, files)).stderr))), new Set(['cached']));
});

when(busybox, '--no-cache runs all of it again to the same digest', async (t) => {
	const files = busyboxFiles('RUN echo 1 > /a\n');
	const first = await place.built(t, files, ['--iidfile', `${place.directory}/iid1`]);
	const again = await place.built(t, files, ['--no-cache', '--iidfile', `${place.directory}/iid2`]);
	t.deepEqual(outcomes(again.stderr)['base 4/4'], 'done', again.stderr);
	t.is(readFileSync(`${place.directory}/iid1`, 'utf8'), readFileSync(`${place.directory}/iid2`, 'utf8'), first.stderr);
});

test.serial('Boxfile.example builds', async (t) => {
	const context = place.context({});
	await place.built(t, context, [
		'-f',
		join(topFolder(), 'Boxfile.example'),
		'-t',
		'example',
		'-o',
		`type=tar,dest=${place.directory}/example.tar`,
	]);
	const listed = await printedBy(['tar', 'tf', `${place.directory}/example.tar`]);
	t.deepEqual(listed.trim().split('\n').sort(), ['etc/', 'etc/motd', 'share/', 'share/greeting.txt', 'share/numbers.txt']);
	const {stdout} = await place.boxbuild(['inspect', 'example']);
	t.regex(stdout, /GREETING_FILE=\/share\/greeting\.txt/v);
});
