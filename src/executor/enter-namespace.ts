import {spawn, type ChildProcess} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import type {Duplex} from 'node:stream';
import {envNoArchitecture} from '../diagnostics/env.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {errnoName} from '../host/libc.ts';
import {architectures} from '../isolation/architecture.ts';
import {enterProgram, handshakeDescriptor} from '../isolation/enter-program.ts';
import type {Builder, Entry} from '../isolation/id-mode.ts';
import {mapIds} from '../isolation/map-ids.ts';
import {assemble, indexOfAddress} from '../isolation/step-program/assemble.ts';

export interface EnterRequest {
	readonly entry: Entry;
	readonly builder: Builder;
	/** Where the program file is put: it must allow execution. */
	readonly directory: string;
	/** Path of the worker's script. */
	readonly worker: string;
}

/** The machine does not let the worker in this way. */
export class EntryRefused extends Error {
	override readonly name = 'EntryRefused';
	/** Sentences for people. */
	readonly facts: readonly string[];

	constructor(facts: readonly string[], options?: ErrorOptions) {
		super(facts.join('; '), options);
		this.facts = facts;
	}
}

/** Starts the worker, as process 1 of its namespaces if it has some, with an IPC channel, standard output inherited. Throws EntryRefused. */
export async function enterNamespace({entry, builder, directory, worker}: EnterRequest): Promise<ChildProcess> {
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
	const instructions = enterProgram({entry: entry.kind, args: [process.execPath, '--max-semi-space-size=16', worker], env});
	const file = `${directory}/enter`;
	writeFileSync(file, assemble(instructions, architecture), {mode: 0o700});
	const child = spawn(file, [], {
		stdio: ['ignore', 'inherit', 'pipe', 'pipe', 'ipc'],
		serialization: 'advanced',
		env: {},
		// Its own process group: Ctrl-C is for the command, which then ends the steps in order.
		detached: true,
	});
	const handshake = child.stdio[handshakeDescriptor] as Duplex;
	try {
		const report = await firstWord(child, handshake);
		if (report.length >= 16) {
			const failed = instructions[indexOfAddress(Number(report.readBigUInt64LE(8)), architecture)]?.purpose ?? 'entering the namespace';
			throw new EntryRefused([`${failed}: the kernel answers ${errnoName(-Number(report.readBigInt64LE(0)))}`]);
		}
		if (report.length > 0 && entry.kind === 'user') {
			await mapIds(child.pid ?? 0, entry, builder);
			handshake.write('!');
		}
		// From here on a failure shows as the worker's end; its handshake end closes when the worker runs.
		handshake.resume();
		return child;
	} catch (error) {
		child.kill('SIGKILL');
		if (error instanceof EntryRefused) throw error;
		const words = error instanceof Error ? error.message.split('\n').slice(0, 3).join('\n') : String(error);
		throw new EntryRefused([words], {cause: error});
	}
}

/** What the program says first: `?` when it wants ids, a report of failure, or nothing when it becomes the worker without asking. */
function firstWord(child: ChildProcess, handshake: Duplex): Promise<Buffer> {
	return new Promise((resolve, reject) => {
		child.once('error', reject);
		handshake.once('data', (bytes: Buffer) => resolve(bytes));
		handshake.once('end', () => resolve(Buffer.alloc(0)));
	});
}
