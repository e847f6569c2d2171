import test from 'ava';
import type {ImageConfig} from '../../src/oci/image-config.ts';
import {printPlan} from '../../src/plan/print-plan.ts';
import {codesOf, compileText, execsOf, planOf, targetOf} from '../support/compile-text.ts';

const image = (config: ImageConfig['config'] = {}): ImageConfig => ({
	architecture: 'amd64',
	os: 'linux',
	config,
	rootfs: {type: 'layers', diff_ids: []},
});

test('bases are asked for first, and the next round gives a plan', (t) => {
	const text = 'FROM debian AS a\nFROM debian\nCOPY --from=nginx:1 /a /b\nRUN $X\n';
	const first = compileText(text);
	t.is(first.value?.plan, undefined);
	t.deepEqual(
		first.value?.needs.map(({name, span}) => [name, text.slice(span.start, span.end)]),
		[
			['debian', 'debian'],
			['nginx:1', 'nginx:1'],
		],
	);
	const second = planOf(text, {
		bases: new Map([
			['debian', image({Env: ['X=1']})],
			['nginx:1', image()],
		]),
	});
	t.deepEqual(execsOf(second)[0]?.env[0], ['X', '1']);
});

test('a base that only an unneeded stage uses is not asked for', (t) => {
	t.deepEqual(compileText('FROM debian AS a\nFROM scratch\n').value?.needs, []);
});

test('triggers of a base can ask for more', (t) => {
	const bases = new Map([['app', image({OnBuild: ['COPY --from=tools /x /y']})]]);
	const {value} = compileText('FROM app\n', {bases});
	t.deepEqual(
		value?.needs.map(({name}) => name),
		['tools'],
	);
});

test('of an ARG and an ENV the later one counts, and only ENV is kept', (t) => {
	const before = planOf('FROM scratch\nENV V=env\nARG V=arg\nRUN x\n');
	const after = planOf('FROM scratch\nARG V=arg\nENV V=env\nRUN x\n');
	t.deepEqual(
		[before, after].map((plan) => execsOf(plan)[0]?.env.at(-1)),
		[
			['V', 'arg'],
			['V', 'env'],
		],
	);
	for (const plan of [before, after]) t.is(targetOf(plan).config.Env?.at(-1), 'V=env');
});

test('names of the object prototype are ordinary build arguments', (t) => {
	const plan = planOf('FROM scratch\nARG constructor toString\nLABEL __proto__=x\nRUN x\n');
	t.deepEqual(execsOf(plan)[0]?.env.length, 1);
	t.deepEqual(Object.keys(targetOf(plan).config.Labels ?? {}), ['__proto__']);
});

test('a stage on the host stays a host stage', (t) => {
	const {stages} = planOf('FROM host AS a\nFROM a\n');
	t.deepEqual(
		stages.map(({host}) => host),
		[true, true],
	);
});

test('an error leaves no value', (t) => {
	const outcome = compileText('FROM scratch\nRNU x\n');
	t.is(outcome.value, undefined);
	t.deepEqual(codesOf(outcome), ['syntax/unknown-instruction']);
});

test('a plan is printed with one line a step', (t) => {
	const plan = planOf('FROM host AS a\nRUN --network=none x\nFROM scratch\nCOPY --from=a /x /y/\nUSER me\n');
	t.is(
		printPlan(plan),
		[
			'stage 0 a',
			'  0  base host linux/amd64',
			'  1  exec ["/bin/sh","-c","x"] in / without network',
			'stage 1 (target)',
			'  2  base scratch linux/amd64',
			'  3  copy x from step 1 to /y/',
			'  4  USER me',
			'',
		].join('\n'),
	);
});
