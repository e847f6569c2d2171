import {createHash} from 'node:crypto';
import {closeSync, readFileSync} from 'node:fs';
import {Socket} from 'node:net';
import {envNoArchitecture} from '../diagnostics/env.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {writeFileAtomic, writeFully} from '../host/atomic-file.ts';
import {errnoOf, unlessMissing} from '../host/errno.ts';
import {errnoName, SystemCallError} from '../host/libc.ts';
import {childrenOf, kill} from '../host/process-tree.ts';
import {endOf} from '../host/spawn-process.ts';
import {architectures} from '../isolation/architecture.ts';
import {enterProgram, procPurpose} from '../isolation/enter-program.ts';
import type {Builder, Entry, Processes} from '../isolation/id-mode.ts';
import {mappingFor} from '../isolation/map-ids.ts';
import {assemble, indexOfAddress} from '../isolation/step-program/assemble.ts';
import {keepLaunch, takeHeadStart} from './head-start.ts';
import {type Descriptors, type Launch, launch, type StartedLaunch} from './launch.ts';
import {thisProgram} from './this-program.ts';

export interface EnterRequest {
	readonly entry: Entry;
	readonly processes: Processes;
	readonly builder: Builder;
	/** Its run/ keeps the program file: it must allow execution. */
	readonly store: string;
	/** Path of the worker's script. */
	readonly worker: string;
	/** What the worker finds on its channel when it comes up. */
	readonly greeting: Uint8Array;
	/** No other way was tried before: the next build begins with this one, if it works. */
	readonly isFirst: boolean;
	/** Called when the program runs: it goes on by itself. */
	readonly coming: () => void;
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

/** Starts the worker, as process 1 of its namespaces if it has some, with a channel for messages, standard output inherited. Throws EntryRefused. */
export async function enterNamespace(request: EnterRequest): Promise<EnteredProcess> {
	const {entry, processes, builder, store, worker, isFirst} = request;
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new BuildError(envNoArchitecture(process.arch, [...architectures.keys()]));
	// The environment is the worker's alone: steps get what they declare. NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20.
	const env = [`PATH=${builder.path.join(':')}`, 'HOME=/', 'LC_ALL=C.UTF-8'];
	const spec = {entry: entry.kind, processes, args: [process.execPath, worker], env} as const;
	const wanted = {inputs: JSON.stringify([thisProgram, spec]), ...mappingOf(entry, builder)};
	const anew = (): Launch => ({...wanted, program: keepProgram(`${store}/run`, assemble(enterProgram(spec), architecture))});
	const started = takeHeadStart(wanted) ?? start(anew());
	const {pid, descriptors, refusal, mapped} = started.child;
	const {handshake, ...entered} = listenTo(descriptors);
	try {
		greet(descriptors.channel, request.greeting);
		request.coming();
		await mapped();
		const report = refusal ?? (await nextOf(handshake));
		// Nothing more: both ends are closed when the worker runs; from here on a failure shows as its end.
		if (report.length === 0) {
			handshake.destroy();
			if (isFirst) keepLaunch(store, worker, started.launch);
			// What waits for the worker ends with it, and tells how much time it took. Without namespaces nothing waits: it is the worker itself.
			const workerPid = (): number | undefined => (entry.kind === 'none' ? undefined : childrenOf(pid)[0]);
			return {...entered, kill: () => kill(workerPid() ?? pid), ended: async () => void (await endOf(pid))};
		}
		const purpose =
			enterProgram(spec)[indexOfAddress(Number(report.readBigUInt64LE(8)), architecture)]?.purpose ?? 'entering the namespace';
		const fact = `${purpose}: the kernel answers ${errnoName(-Number(report.readBigInt64LE(0)))}`;
		throw new EntryRefused(fact, {isProc: purpose === procPurpose});
	} catch (error) {
		if (isFirst) keepLaunch(store, worker, null);
		kill(pid);
		for (const socket of [handshake, entered.words]) socket.destroy();
		closeSync(entered.channel);
		await endOf(pid);
		throw refused(error);
	}
}

/** Throws EntryRefused when a program for it is missing. */
function mappingOf(entry: Entry, builder: Builder): Pick<Launch, 'mapping'> {
	try {
		return entry.kind === 'user' ? {mapping: mappingFor(entry, builder)} : {};
	} catch (error) {
		throw refused(error);
	}
}

function start(wanted: Launch): StartedLaunch {
	try {
		return {launch: wanted, child: launch(wanted)};
	} catch (error) {
		// What else forbids it to run a file of one's own, of mode 0700?
		const isForbidden = error instanceof SystemCallError && error.code === 'EACCES';
		throw isForbidden ? new EntryRefused(`the store lets no program run (${error.message})`, {cause: error}) : refused(error);
	}
}

/** One that is gone already says so by itself. */
function greet(channel: number, greeting: Uint8Array): void {
	try {
		writeFully(channel, greeting);
	} catch (error) {
		if (errnoOf(error) !== 'EPIPE') throw error;
	}
}

function refused(error: unknown): EntryRefused {
	if (error instanceof EntryRefused) return error;
	return new EntryRefused(error instanceof Error ? error.message.split('\n').slice(0, 3).join('\n') : String(error), {cause: error});
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

/** The next thing that the program says: a report of failure, or nothing when it is gone. */
async function nextOf(handshake: Socket): Promise<Buffer> {
	for await (const chunk of handshake.iterator({destroyOnReturn: false})) return chunk as Buffer;
	return Buffer.alloc(0);
}
