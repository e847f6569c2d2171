import {closeSync, openSync, rmSync, writeFileSync} from 'node:fs';
import {Socket} from 'node:net';
import {isDeepStrictEqual} from 'node:util';
import {SystemCallError} from '../host/libc.ts';
import {openPipe, openSocketPair} from '../host/pipe.ts';
import {childrenOf, descendantsOf, kill} from '../host/process-tree.ts';
import {copyDescriptor} from '../host/pidfd.ts';
import {endOf, spawnProcess} from '../host/spawn-process.ts';
import type {OwnerService} from './owner-service.ts';
import {assemble, indexOfAddress} from './step-program/assemble.ts';
import type {Instruction} from './step-program/instruction.ts';
import {interceptedSize, listenerDescriptor, readySize, reportSize} from './step-program/status.ts';
import {stepProgram} from './step-program/step-program.ts';
import type {StepEnd, StepFailure, StepRunner} from './step-runner.ts';
import type {StepSpec} from './step-spec.ts';

const failureSize = 16;
/** Steps that run at the same time are about as many. */
const mostForeseen = 8;

/** Starts steps through a generated program (step-program/); `directory` takes the program files while they start. */
export function stepProgramRunner(directory: string, owners: OwnerService): StepRunner {
	let count = 0;
	let foreseen: StepProgram[] = [];
	const make = (spec: StepSpec): StepProgram => writeProgram(spec, `${spec.programDirectory ?? directory}/step-${count++}`);
	return {
		name: 'step-program',
		foresee(spec) {
			foreseen.push(make(spec));
			if (foreseen.length > mostForeseen) foreseen.shift()?.remove();
		},
		async run(spec, events, signal) {
			signal.throwIfAborted();
			const program = foreseen.find((made) => isDeepStrictEqual(made.spec, spec)) ?? make(spec);
			foreseen = foreseen.filter((made) => made !== program);
			const {file, instructions} = program;
			const [stdout, stderr] = [new Output(), new Output()];
			const child = new StepProcess(file, [stdout, stderr]);
			events.started();
			const stop = (): void => (spec.hasNamespaces ? killTree(child) : void killAll(child));
			signal.addEventListener('abort', stop, {once: true});
			const mounted = once(events.mounted);
			try {
				const status: Buffer[] = [];
				const {answers} = spec;
				let answered: {readonly end: () => void} | undefined;
				let failure: StepFailure | undefined;
				const fail = (error: unknown): void => {
					failure = {purpose: 'handing over calls about ids', errno: error instanceof SystemCallError ? error.errno : 0};
					stop();
				};
				const pipe = child.status;
				let report = (): void => {};
				// What it has reported is the end of all its processes but the first, which then gives everything back.
				const reported = new Promise<void>((resolve) => {
					report = resolve;
				});
				// A step that is ended does not read its answer any more.
				pipe.on('error', () => {});
				pipe.on('data', (chunk: Buffer) => {
					status.push(chunk);
					mounted();
					if (spec.hasNamespaces && sizeOf(status) === readySize + (answers === undefined ? 0 : interceptedSize) + reportSize) report();
					if (!spec.hasNamespaces && isEnd(sizeOf(status))) void endWithRest(child);
					// More than that is a report: the program waits here.
					if (answers === undefined) events.running();
					if (answers === undefined || answered !== undefined || sizeOf(status) !== readySize + interceptedSize) return;
					try {
						answered = owners.answer(listenerOf(child), answers, fail);
						pipe.write('!');
						events.running();
					} catch (error) {
						fail(error);
					}
				});
				const read = [stdout.read((chunk) => events.output('stdout', chunk)), stderr.read((chunk) => events.output('stderr', chunk))];
				await Promise.all([Promise.race([reported, child.ended]), ...read]).finally(() => answered?.end());
				signal.throwIfAborted();
				if (failure !== undefined) return {failure};
				const result = interpret(Buffer.concat(status), instructions, spec);
				return 'end' in result ? {...result, gone: child.ended} : result;
			} finally {
				mounted();
				signal.removeEventListener('abort', stop);
				program.remove();
			}
		},
	};
}

/** A program that is there to be started. */
interface StepProgram {
	readonly spec: StepSpec;
	readonly instructions: readonly Instruction[];
	readonly file: string;
	remove(): void;
}

function writeProgram(spec: StepSpec, file: string): StepProgram {
	const instructions = stepProgram(spec);
	writeFileSync(file, assemble(instructions, spec.architecture), {mode: 0o700});
	return {spec, instructions, file, remove: () => rmSync(file, {force: true})};
}

/** Where a step writes to. */
class Output {
	readonly writeEnd: number;
	readonly readEnd: number;

	constructor() {
		({writeEnd: this.writeEnd, readEnd: this.readEnd} = openPipe());
	}

	/** Gives the writing end up, which only the step's processes have then; resolves when they are gone. */
	read(take: (chunk: Buffer) => void): Promise<void> {
		closeSync(this.writeEnd);
		const stream = new Socket({fd: this.readEnd, readable: true, writable: false});
		stream.on('data', take);
		return new Promise((resolve, reject) => {
			stream.once('error', reject).once('close', () => resolve());
		});
	}
}

/** The first process of a step. It has ended when nobody has its status pipe any more; the kernel then takes its namespaces down by itself. */
class StepProcess {
	readonly pid: number;
	readonly status: Socket;
	readonly ended: Promise<void>;
	hasEnded = false;

	constructor(file: string, outputs: readonly Output[]) {
		const input = openSync('/dev/null', 'r');
		const [ours, theirs] = openSocketPair();
		try {
			this.pid = spawnProcess({path: file, args: [file], env: [], descriptors: [input, ...outputs.map(({writeEnd}) => writeEnd), theirs]});
		} catch (error) {
			for (const descriptor of [ours, ...outputs.flatMap(({readEnd, writeEnd}) => [readEnd, writeEnd])]) closeSync(descriptor);
			throw error;
		} finally {
			for (const descriptor of [input, theirs]) closeSync(descriptor);
		}
		this.status = new Socket({fd: ours, readable: true, writable: true, allowHalfOpen: false});
		this.ended = new Promise((resolve) => {
			this.status.once('close', () => {
				this.hasEnded = true;
				resolve();
				// How it ended it has said on the pipe: to wait for it can wait.
				setImmediate(() => void endOf(this.pid).catch(() => {}));
			});
		});
	}
}

/** A copy of the listener of the step's filter, which its first process holds open until it has been fetched. */
function listenerOf(child: StepProcess): number {
	const [inner] = childrenOf(child.pid);
	return copyDescriptor(inner ?? 0, listenerDescriptor);
}

/** True for the size of everything that a program without namespaces reports, of a command that was started or of one that was not. */
function isEnd(size: number): boolean {
	return [0, readySize].some((ready) => [0, failureSize].some((failure) => size === ready + failure + reportSize));
}

function sizeOf(chunks: readonly Buffer[]): number {
	return chunks.reduce((sum, {length}) => sum + length, 0);
}

/** The first process of the step's process namespace goes first: with it the kernel kills all others, and its parent then ends by itself. */
function killTree({pid, hasEnded}: StepProcess): void {
	if (hasEnded) return;
	for (const inner of descendantsOf(pid)) kill(inner);
	kill(pid);
}

/**
 * Without a process namespace the first process goes last: whoever loses a parent becomes its child, also those that a thread has started, which
 * no list of children names before.
 */
async function killAll(child: StepProcess): Promise<void> {
	while (!child.hasEnded) {
		const left = descendantsOf(child.pid);
		for (const inner of left) kill(inner);
		if (left.length === 0) kill(child.pid);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
}

/** Without a process namespace, what the command has left running is ended here; the program waits for that. */
async function endWithRest({pid, status}: StepProcess): Promise<void> {
	for (let left = descendantsOf(pid); left.length > 0; left = descendantsOf(pid)) {
		for (const inner of left) kill(inner);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	status.write('!');
}

function once(action: () => void): () => void {
	let done = false;
	return () => {
		if (!done) action();
		done = true;
	};
}

/** Reports on the status pipe: one byte when the root is mounted; then wait status and usage, or a failure before either. */
function interpret(
	report: Buffer,
	instructions: readonly Instruction[],
	spec: StepSpec,
): {readonly end: StepEnd} | {readonly failure: StepFailure} {
	// Whole reports have a multiple of eight bytes; before them come those single ones that were written.
	const rest = report.subarray(report.length % 8);
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
