import {execFileSync, spawnSync} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import test from 'ava';
import {type Architecture, architectures} from '../../src/isolation/architecture.ts';
import {assemble, indexOfAddress} from '../../src/isolation/step-program/assemble.ts';
import {either, instruction, type Instruction} from '../../src/isolation/step-program/instruction.ts';
import {interpreters} from '../../src/isolation/step-program/interpreter.ts';
import {openAs} from '../../src/isolation/step-program/open-as.ts';
import {program} from '../support/requirements.ts';
import {topFolder} from '../support/top.ts';
import {when} from '../support/when.ts';

const say = (text: string): Instruction => instruction('saying', 'write', [1, text, text.length]);
const end = (code: number): Instruction => instruction('ending', 'exit_group', [code]);
const fail = instruction('opening what is not there', 'openat', [-100, '/no/such/file', 0, 0]);

/** Every program prints what it should do; emulators run those of the other architecture. */
const programs: readonly {readonly title: string; readonly does: readonly Instruction[]; readonly prints: string; readonly code: number}[] =
	[
		{title: 'calls one after the other', does: [say('one '), say('two'), end(5)], prints: 'one two', code: 5},
		{title: 'goes on after a failure that is allowed', does: [{...fail, onFailure: 'ignore'}, say('on'), end(0)], prints: 'on', code: 0},
		{
			title: 'takes the second way when the first fails',
			does: [...either([fail, say('first')], [say('second')]), end(0)],
			prints: 'second',
			code: 0,
		},
		{
			title: 'leaves the second way out when the first works',
			does: [...either([say('first')], [say('second')]), end(0)],
			prints: 'first',
			code: 0,
		},
		{
			title: 'jumps over the part of the child',
			does: [instruction('asking', 'getpid', [], {jumpIfNonZero: 1}), say('child'), say('parent'), end(0)],
			prints: 'parent',
			code: 0,
		},
		{
			title: 'jumps back until there is nothing left',
			does: [
				...openAs(60, instruction('opening', 'openat', [-100, '/proc/sys/kernel/ostype', 0, 0])),
				say('.'),
				instruction('reading', 'read', [60, {buffer: 'read', size: 8}, 1], {jumpIfNonZero: -2}),
				end(0),
			],
			prints: '.'.repeat('Linux\n'.length + 1),
			code: 0,
		},
		{
			title: 'gives a descriptor a number of its own',
			does: [
				...openAs(60, instruction('opening', 'openat', [-100, '/dev/null', 1, 0])),
				instruction('writing', 'write', [60, 'lost', 4]),
				say('kept'),
				end(0),
			],
			prints: 'kept',
			code: 0,
		},
	];

function run(architecture: Architecture, does: readonly Instruction[]): {output: string; status: number | null; report: Buffer} {
	const directory = mkdtempSync(`${tmpdir()}/boxbuild-assemble-`);
	try {
		const file = `${directory}/program`;
		writeFileSync(file, assemble(does, architecture), {mode: 0o755});
		const native = architecture.name === process.arch;
		const [command, args] = native ? [file, []] : ['qemu-aarch64-static', [file]];
		const ended = spawnSync(command, args, {stdio: ['ignore', 'pipe', 'pipe', 'pipe']});
		return {output: ended.stdout.toString(), status: ended.status, report: Buffer.from(ended.output[3] ?? '')};
	} finally {
		rmSync(directory, {recursive: true});
	}
}

for (const architecture of architectures.values()) {
	const needs = architecture.name === process.arch ? [] : [program('qemu-aarch64-static', 'apt-get install qemu-user-static')];
	for (const {title, does, prints, code} of programs) {
		when(needs, `a step program on ${architecture.name} ${title}`, (t) => {
			const {output, status} = run(architecture, does);
			t.deepEqual({output, status}, {output: prints, status: code});
		});
	}

	when(needs, `a step program on ${architecture.name} reports which call failed and why`, (t) => {
		const {status, report} = run(architecture, [say('x'), say('y'), fail, end(0)]);
		t.is(status, 127);
		t.is(report.length, 16);
		t.is(-Number(report.readBigInt64LE(0)), 2);
		t.is(indexOfAddress(Number(report.readBigUInt64LE(8)), architecture), 2);
	});
}

const assemblers = [
	{name: 'x64', source: 'interpreter-x86-64.s', as: 'x86_64-linux-gnu-as', objcopy: 'x86_64-linux-gnu-objcopy'},
	{name: 'arm64', source: 'interpreter-arm64.s', as: 'aarch64-linux-gnu-as', objcopy: 'aarch64-linux-gnu-objcopy'},
] as const;

for (const {name, source, as, objcopy} of assemblers) {
	when(
		program(as, `apt-get install binutils binutils-aarch64-linux-gnu`),
		`the interpreter for ${name} is what its assembly source says`,
		(t) => {
			const directory = mkdtempSync(`${tmpdir()}/boxbuild-as-`);
			try {
				execFileSync(as, ['-o', `${directory}/i.o`, `${topFolder()}/src/isolation/step-program/${source}`]);
				execFileSync(objcopy, ['-O', 'binary', '-j', '.text', `${directory}/i.o`, `${directory}/i.bin`]);
				t.is(readFileSync(`${directory}/i.bin`).toString('hex'), interpreters[name].toString('hex'));
			} finally {
				rmSync(directory, {recursive: true});
			}
		},
	);
}

test('a call that the architecture lacks is refused when the program is made', (t) => {
	const arm64 = architectures.get('arm64');
	t.throws(() => arm64 && assemble([instruction('forking', 'fork', [])], arm64), {instanceOf: RangeError});
});

test('a string with a NUL is refused: the kernel would see less than was checked', (t) => {
	const x64 = architectures.get('x64');
	t.throws(() => x64 && assemble([instruction('x', 'chdir', ['/a\0b'])], x64), {instanceOf: RangeError});
});
