import {closeSync, openSync, readSync} from 'node:fs';
import {openPipe, openSocketPair} from '../host/pipe.ts';
import {spawnProcess} from '../host/spawn-process.ts';
import {type IdMapping, startMapping} from '../isolation/map-ids.ts';

/** A program that enters the namespaces and becomes the worker (isolation/enter-program.ts). Plain data. */
export interface Launch {
	/** What it was made of: equal ones are the same program. */
	readonly inputs: string;
	/** Its path. */
	readonly program: string;
	/** Absent when it makes no user namespace. */
	readonly mapping?: IdMapping;
}

/** Our ends of what the program gets. */
export interface Descriptors {
	readonly handshake: number;
	readonly channel: number;
	readonly words: number;
}

export interface Launched {
	readonly pid: number;
	readonly descriptors: Descriptors;
	/** What it has said instead of asking for ids: a report of failure, or nothing when it is gone. */
	readonly refusal?: Buffer;
	/** Waits for its ids; throws why it gets none. */
	readonly mapped: () => Promise<void>;
}

export interface StartedLaunch {
	readonly launch: Launch;
	readonly child: Launched;
}

/** Starts the program, in its own session: Ctrl-C is for the command, which then ends the steps in order. Throws SystemCallError. */
export function launch({program, mapping}: Omit<Launch, 'inputs'>): Launched {
	const started = start(program);
	if (mapping === undefined) return {...started, mapped: async () => {}};
	// `?` when it wants ids, which it says at once; it goes on by itself when it has them.
	const first = Buffer.alloc(64);
	const length = readSync(started.descriptors.handshake, first);
	if (length !== 1) return {...started, refusal: first.subarray(0, length), mapped: async () => {}};
	return {...started, mapped: startMapping(started.pid, mapping)};
}

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
		throw error;
	} finally {
		for (const descriptor of [input, said.writeEnd, theirHandshake, theirChannel]) closeSync(descriptor);
	}
}
