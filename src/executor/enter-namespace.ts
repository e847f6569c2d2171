import {spawn, type ChildProcess} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import type {Duplex} from 'node:stream';
import {envNoArchitecture} from '../diagnostics/env.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {writeFileAtomic} from '../host/atomic-file.ts';
import {unlessMissing} from '../host/errno.ts';
import {errnoName} from '../host/libc.ts';
import {architectures} from '../isolation/architecture.ts';
import {enterProgram, handshakeDescriptor, procPurpose} from '../isolation/enter-program.ts';
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

/** Starts the worker, as process 1 of its namespaces if it has some, with an IPC channel, standard output inherited. Throws EntryRefused. */
export async function enterNamespace({entry, processes, builder, directory, worker}: EnterRequest): Promise<ChildProcess> {
	const architecture = architectures.get(process.arch);
	if (architecture === undefined) throw new BuildError(envNoArchitecture(process.arch, [...architectures.keys()]));
	// The environment is the worker's alone: steps get what they declare. NODE_EXTRA_CA_CERTS costs 35 ms at every start of Node 20.
	const env = [
		`PATH=${builder.path.join(':')}`,
		'HOME=/',
		'LC_ALL=C.UTF-8',
		'NODE_CHANNEL_FD=4',
		'NODE_CHANNEL_SERIALIZATION_MODE=advanced',
	];
	const instructions = enterProgram({entry: entry.kind, processes, args: [process.execPath, '--max-semi-space-size=16', worker], env});
	const child = spawn(keepProgram(directory, assemble(instructions, architecture)), [], {
		stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'ipc'],
		serialization: 'advanced',
		env: {},
		// Its own process group: Ctrl-C is for the command, which then ends the steps in order.
		detached: true,
	});
	const handshake = child.stdio[handshakeDescriptor] as Duplex;
	const words = listen(child, handshake);
	try {
		// `?` when it wants ids.
		const first = await words();
		if (first.length === 1 && entry.kind === 'user') {
			await mapIds(child.pid ?? 0, entry, builder);
			handshake.write('!');
		}
		const report = first.length === 1 ? await words() : first;
		// Nothing more: both ends are closed when the worker runs; from here on a failure shows as its end.
		if (report.length === 0) return child;
		const purpose = instructions[indexOfAddress(Number(report.readBigUInt64LE(8)), architecture)]?.purpose ?? 'entering the namespace';
		const fact = `${purpose}: the kernel answers ${errnoName(-Number(report.readBigInt64LE(0)))}`;
		throw new EntryRefused(fact, {isProc: purpose === procPurpose});
	} catch (error) {
		child.kill('SIGKILL');
		if (error instanceof EntryRefused) throw error;
		throw new EntryRefused(error instanceof Error ? error.message.split('\n').slice(0, 3).join('\n') : String(error), {cause: error});
	}
}

/** The path of a program file, the same for the same bytes: every build of a store starts its worker with one. */
function keepProgram(directory: string, bytes: Buffer): string {
	const path = `${directory}/enter-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}`;
	// One that a power loss has damaged is replaced.
	if (unlessMissing(() => readFileSync(path))?.equals(bytes) !== true) writeFileAtomic(path, bytes, {sync: false, mode: 0o700});
	return path;
}

/** The next thing that the program says: one byte, a report of failure, or nothing any more. */
function listen(child: ChildProcess, handshake: Duplex): () => Promise<Buffer> {
	const chunks = handshake[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
	const failed = new Promise<never>((_, reject) => void child.once('error', reject));
	failed.catch(() => {});
	return async () => {
		const {done, value} = await Promise.race([chunks.next(), failed]);
		return done === true ? Buffer.alloc(0) : value;
	};
}
