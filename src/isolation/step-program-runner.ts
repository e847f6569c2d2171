import {spawn, type ChildProcess} from 'node:child_process';
import {readFileSync, rmSync, writeFileSync} from 'node:fs';
import type {Readable} from 'node:stream';
import {assemble, indexOfAddress} from './step-program/assemble.ts';
import type {Instruction} from './step-program/instruction.ts';
import {readySize, reportSize, statusDescriptor, stepProgram} from './step-program/step-program.ts';
import type {StepEnd, StepResult, StepRunner} from './step-runner.ts';
import type {StepSpec} from './step-spec.ts';

const failureSize = 16;

/** Starts steps through a generated program (step-program/); `directory` takes the program files while they start. */
export function stepProgramRunner(directory: string): StepRunner {
	let count = 0;
	return {
		name: 'step-program',
		async run(spec, events, signal) {
			signal.throwIfAborted();
			const instructions = stepProgram(spec);
			const file = `${spec.programDirectory ?? directory}/step-${count++}`;
			writeFileSync(file, assemble(instructions, spec.architecture), {mode: 0o700});
			const child = spawn(file, [], {stdio: ['ignore', 'pipe', 'pipe', 'pipe'], env: {}});
			const stop = (): void => killTree(child);
			signal.addEventListener('abort', stop, {once: true});
			const mounted = once(events.mounted);
			try {
				const status: Buffer[] = [];
				(child.stdio[statusDescriptor] as Readable).on('data', (chunk: Buffer) => {
					status.push(chunk);
					mounted();
				});
				child.stdout?.on('data', (chunk: Buffer) => events.output('stdout', chunk));
				child.stderr?.on('data', (chunk: Buffer) => events.output('stderr', chunk));
				await closed(child);
				signal.throwIfAborted();
				return interpret(Buffer.concat(status), instructions, spec);
			} finally {
				mounted();
				signal.removeEventListener('abort', stop);
				rmSync(file, {force: true});
			}
		},
	};
}

function closed(child: ChildProcess): Promise<void> {
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', () => resolve());
	});
}

/** The first process of the step's process namespace goes first: with it the kernel kills all others, and its parent then ends by itself. */
function killTree(child: ChildProcess): void {
	if (child.pid === undefined) return;
	for (const inner of childrenOf(child.pid)) kill(inner);
	child.kill('SIGKILL');
}

function childrenOf(pid: number): number[] {
	try {
		return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
	} catch {
		return [];
	}
}

function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch {
		// It has ended already.
	}
}

function once(action: () => void): () => void {
	let done = false;
	return () => {
		if (!done) action();
		done = true;
	};
}

/** Reports on the status pipe: one byte when the root is mounted; then wait status and usage, or a failure before either. */
function interpret(report: Buffer, instructions: readonly Instruction[], spec: StepSpec): StepResult {
	const rest = report.subarray(report.length % 8 === readySize ? readySize : 0);
	if (rest.length === reportSize) return {end: parseEnd(rest)};
	if (rest.length < failureSize) return {failure: {purpose: 'running the step program', errno: 0}};
	const failed = instructions[indexOfAddress(Number(rest.readBigUInt64LE(8)), spec.architecture)];
	return {failure: {purpose: failed?.purpose ?? 'running the step program', errno: -Number(rest.readBigInt64LE(0))}};
}

/** Wait status as in wait(2); struct rusage begins with the two times as seconds and microseconds, then the peak memory in KiB. */
function parseEnd(report: Buffer): StepEnd {
	const status = report.readUInt32LE(0);
	const signal = status & 0x7f;
	const at = (index: number): number => Number(report.readBigInt64LE(8 + index * 8));
	const usage = {userTime: at(0) * 1e6 + at(1), systemTime: at(2) * 1e6 + at(3), peakMemory: at(4)};
	return signal === 0 ? {exitCode: (status >> 8) & 0xff, ...usage} : {exitCode: 128 + signal, signal, ...usage};
}
