import test from 'ava';
import type {DoctorReport} from '../../src/executor/doctor.ts';
import {boxbuildProgram, type Ended, runProgram, Workplace} from '../support/workplace.ts';

const place = new Workplace();
test.after.always(() => place.remove());

/** For what needs no store. */
const plain = (...args: readonly string[]): Promise<Ended> => runProgram([process.execPath, boxbuildProgram, ...args]);

const boxfile = 'FROM scratch AS one\nCOPY a /a\nLABEL k=v\nFROM one\nCOPY b /d/b\n';

test.before(async (t) => {
	const {code, stderr} = await place.build({Boxfile: boxfile, a: 'first', b: 'second'}, ['-t', 'app']);
	t.is(code, 0, stderr);
});

test.serial('ls shows the merged files, below a path too, and as JSON', async (t) => {
	const all = await place.boxbuild(['ls', '-R', 'app']);
	t.deepEqual(
		all.stdout
			.trim()
			.split('\n')
			.map((line) => line.split(' ').at(-1)),
		['a', 'd', 'd/b'],
	);
	const below = await place.boxbuild(['ls', 'app', '/d', '--json']);
	t.like(JSON.parse(below.stdout), {path: 'd/b', type: 'file', size: 6, uid: 0, gid: 0});
	const missing = await place.boxbuild(['ls', 'app', '/nope']);
	t.is(missing.code, 2);
	t.regex(missing.stderr, /cli\/no-path/v);
});

test.serial('inspect gives digests, configuration and layers', async (t) => {
	const image = JSON.parse((await place.boxbuild(['inspect', 'app'])).stdout) as {
		names: string[];
		digest: string;
		config: {config: {Labels: object}};
		layers: object[];
	};
	t.deepEqual(image.names, ['docker.io/library/app:latest']);
	t.regex(image.digest, /^sha256:[0-9a-f]{64}$/v);
	t.deepEqual(image.config.config.Labels, {k: 'v'});
	t.is(image.layers.length, 2);
	t.is((await place.boxbuild(['inspect', image.digest])).code, 0);
});

test.serial('history has the steps of both stages, the last first', async (t) => {
	const rows = JSON.parse((await place.boxbuild(['history', 'app', '--json'])).stdout) as {createdBy: string; size: number | null}[];
	t.deepEqual(
		rows.map(({createdBy}) => createdBy.split(' ')[0]),
		['COPY', 'LABEL', 'COPY'],
	);
	t.deepEqual(
		rows.map(({size}) => size !== null),
		[true, false, true],
	);
});

test.serial('parse prints the syntax tree on one line', async (t) => {
	const context = place.context({Boxfile: 'FROM scratch\nRUN --network=none <<-"EOT" cat\n\thi\nEOT\n'});
	const {stdout, code} = await plain('parse', '--json', `${context}/Boxfile`);
	t.is(code, 0);
	const {instructions} = JSON.parse(stdout) as {instructions: readonly object[]};
	t.like(instructions[1], {name: 'RUN', startLine: 2, endLine: 4, flags: [{name: 'network', value: 'none'}]});
	t.like(instructions[1], {heredocs: [{name: 'EOT', expand: false, chomp: true}]});
	t.is((await plain('parse', '--json', `${place.context({Boxfile: 'FORM x\n'})}/Boxfile`)).code, 2);
});

test.serial('doctor says what a build here uses', async (t) => {
	const {stdout, code} = await place.boxbuild(['doctor', '--json']);
	t.is(code, 0, stdout);
	const {choice, findings} = JSON.parse(stdout) as DoctorReport;
	t.is(choice?.ids === 'root', process.getuid?.() === 0);
	t.true(findings.every(({facts}) => facts.length > 0));
	t.true(findings.some(({probe, works}) => works && probe === `ids: ${choice?.ids}, driver: ${choice?.driver}`));
});

test.serial('rm takes a name away, prune what only it needed, and a mistyped name removes nothing', async (t) => {
	const mistyped = await place.boxbuild(['rm', 'app', 'ap']);
	t.is(mistyped.code, 2);
	t.regex((await place.boxbuild(['images'])).stdout, /library\/app:latest/v);
	t.is((await place.boxbuild(['rm', 'app'])).stdout, 'docker.io/library/app:latest\n');
	const pruned = await place.boxbuild(['prune', '--all']);
	t.is(pruned.code, 0, pruned.stderr);
	t.regex(pruned.stdout, /deleted 2 layers/v);
	t.is((await place.boxbuild(['ls', 'app'])).code, 2);
});

test.serial('version and help are on standard output', async (t) => {
	t.regex((await plain('version')).stdout, /^boxbuild \d+\.\d+\.\d+ \(node v/v);
	t.regex((await plain('--help')).stdout, /Commands:/v);
	t.regex((await plain('build', '--help')).stdout, /--build-arg/v);
});
