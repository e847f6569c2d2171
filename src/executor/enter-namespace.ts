import {createHash} from 'node:crypto';
import {closeSync, openSync, readFileSync, readSync} from 'node:fs';
import {Socket} from 'node:net';
import {envNoArchitecture} from '../diagnostics/env.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {errnoOf, unlessMissing} from '../host/errno.ts';
import {errnoName} from '../host/libc.ts';
import {openPipe, openSocketPair} from '../host/pipe.ts';
import {childrenOf, kill} from '../host/process-tree.ts';
import {endOf, spawnProcess} from '../host/spawn-process.ts';
import {architectures} from '../isolation/architecture.ts';
import {enterProgram, procPurpose} from '../isolation/enter-program.ts';
import type {Builder, Entry, Processes} from '../isolation/id-mode.ts';
import {mapIds} from '../isolation/map-ids.ts';
import {assemble, indexOfAddress} from '../isolation/step-program/assemble.ts';

export interface EnterRequest {
	readonly entry: Entry;
	readonly processes: Processes;
	readonly builder: Builder;
	/** Where the program file is kept: it must allow execution. */
	readonly directory: string;
	/** Path of the worker's script. */
	readonly worker: string;
}

/** The machine does not let the worker in this way. */
export class EntryRefused extends Error {
	override readonly name = 'EntryRefused';
	/** A sentence for people. */
	readonly fact: string;
	/** Only a /proc was refused. */
	readonly isProc: boolean;

	constructor(fact: string, {isProc = false, ...options}: ErrorOptions & {readonly isProc?: boolean} = {}) {
		super(fact, options);
		this.fact = fact;
		this.isProc = isProc;
	}
}

/** The worker, or the program that waits for it. */
export interface EnteredProcess {
	/** Its end of the messages; the caller takes it over. */
	readonly channel: number;
	/** What it says on standard error. */
	readonly words: Socket;
	/** Ends it at once, and with it what it has started. */
	kill(): void;
	/** Resolves when it is gone. */
	ended(): Promise<void>;
}

/** Our ends of what the program gets. */
interface Descriptors {
	readonly handshake: number;
	readonly channel: number;
	readonly words: number;
}

/** Starts the worker, as process 1 of its namespaces if it has some, with a channel for messages, standard output inherited. Throws EntryRefused. */
export async function enterNamespace({entry, processes, builder, directory, worker}: EnterRequest): Promise<EnteredProcess> {
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new BuildError(envNoArchitecture(process.arch, [...architectures.keys()]));
	// The environment is the worker's alone: steps get what they declare. NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20.
	const env = [`PATH=${builder.path.join(':')}`, 'HOME=/', 'LC_ALL=C.UTF-8'];
	const instructions = enterProgram({entry: entry.kind, processes, args: [process.execPath, worker], env});
	const {pid, descriptors} = start(keepProgram(directory, assemble(instructions, architecture)));
	// `?` when it wants ids, which it says at once; it goes on by itself when it has them.
	const first = entry.kind === 'user' ? readSome(descriptors.handshake) : undefined;
	const mapping = entry.kind === 'user' && first?.length === 1 ? mapIds(pid, entry, builder) : undefined;
	const {handshake, ...entered} = listenTo(descriptors);
	try {
		await mapping;
		const report = first === undefined || mapping !== undefined ? await nextOf(handshake) : first;
		// Nothing more: both ends are closed when the worker runs; from here on a failure shows as its end.
		if (report.length === 0) {
			handshake.destroy();
			// What waits for the worker ends with it, and tells how much time it took. Without namespaces nothing waits: it is the worker itself.
			const workerPid = (): number | undefined => (entry.kind === 'none' ? undefined : childrenOf(pid)[0]);
			return {...entered, kill: () => kill(workerPid() ?? pid), ended: async () => void (await endOf(pid))};
		}
		const purpose = instructions[indexOfAddress(Number(report.readBigUInt64LE(8)), architecture)]?.purpose ?? 'entering the namespace';
		const fact = `${purpose}: the kernel answers ${errnoName(-Number(report.readBigInt64LE(0)))}`;
		throw new EntryRefused(fact, {isProc: purpose === procPurpose});
	} catch (error) {
		kill(pid);
		for (const socket of [handshake, entered.words]) socket.destroy();
		closeSync(entered.channel);
		await endOf(pid);
		if (error instanceof EntryRefused) throw error;
		throw new EntryRefused(error instanceof Error ? error.message.split('\n').slice(0, 3).join('\n') : String(error), {cause: error});
	}
}

/** Its own session: Ctrl-C is for the command, which then ends the steps in order. */
function start(file: string): {readonly pid: number; readonly descriptors: Descriptors} {
	const input = openSync('/dev/null', 'r');
	const said = openPipe();
	const [[handshake, theirHandshake], [channel, theirChannel]] = [openSocketPair(), openSocketPair()];
	try {
		const descriptors = [input, 1, said.writeEnd, theirHandshake, theirChannel];
		const pid = spawnProcess({path: file, args: [file], env: [], descriptors, ownSession: true});
		return {pid, descriptors: {handshake, channel, words: said.readEnd}};
	} catch (error) {
		for (const descriptor of [said.readEnd, handshake, channel]) closeSync(descriptor);
		const fact = error instanceof Error ? error.message : String(error);
		// What else forbids it to run a file of one's own, of mode 0700?
		throw new EntryRefused(errnoOf(error) === 'EACCES' ? `the store lets no program run (${fact})` : fact, {cause: error});
	} finally {
		for (const descriptor of [input, said.writeEnd, theirHandshake, theirChannel]) closeSync(descriptor);
	}
}

/** The path of a program file, the same for the same bytes: every build of a store starts its worker with one. */
function keepProgram(directory: string, bytes: Buffer): string {
	const path = `${directory}/enter-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
	// One that a power loss has damaged is replaced.
	if (unlessMissing(() => readFileSync(path))?.equals(bytes) !== true) writeFileAtomic(path, bytes, {sync: false, mode: 0o700});
	return path;
}

function listenTo({handshake, channel, words}: Descriptors): Pick<EnteredProcess, 'channel' | 'words'> & {readonly handshake: Socket} {
	return {
		channel,
		handshake: new Socket({fd: handshake, readable: true, writable: false}).on('error', () => {}),
		words: new Socket({fd: words, readable: true, writable: false}),
	};
}

/** What the program says first: one byte, a report of failure, or nothing when it is gone. */
function readSome(handshake: number): Buffer {
	const said = Buffer.alloc(64);
	return said.subarray(0, readSync(handshake, said));
}

/** The next thing that the program says, in the same way. */
async function nextOf(handshake: Socket): Promise<Buffer> {
	for await (const chunk of handshake.iterator({destroyOnReturn: false})) return chunk as Buffer;
	return Buffer.alloc(0);
}
