import type {Entry, Processes} from './id-mode.ts';
import {instruction, type Instruction} from './step-program/instruction.ts';
import {descriptors, openAs} from './step-program/open-as.ts';

// Constants of linux/sched.h, linux/prctl.h, signal.h, fcntl.h.
const namespaces = {mount: 0x2_0000, user: 0x1000_0000, pid: 0x2000_0000} as const;
const parentDeathSignal = 1;
const kill = 9;
const childEnded = 17;
const setDescriptorFlags = 2;
const closeOnExec = 1;
const createContext = 6;

const dieWithParent = instruction('tying the worker to its command', 'prctl', [parentDeathSignal, kill, 0, 0, 0]);
/** 0.2 ms as a timespec: seconds, nanoseconds. */
const moment = Buffer.alloc(16);
moment.writeUInt32LE(200_000, 8);

/** Descriptor on which the program says that its namespaces are there, and reports failures. */
export const handshakeDescriptor = 3;
/** Descriptor for messages with the worker. */
export const channelDescriptor = 4;

export interface EnterSpec {
	/** Only in a user namespace of its own it has to wait for ids. */
	readonly entry: Entry['kind'];
	readonly processes: Processes;
	readonly args: readonly [program: string, ...rest: readonly string[]];
	readonly env: readonly string[];
}

/**
 * The system calls from a builder's process to process 1 of a namespace in which it is root: make namespaces, wait until the ids are mapped
 * from outside (user_namespaces(7)), become id 0, start the program in the new process namespace. Everything dies with the builder.
 */
export function enterProgram({entry, processes, args, env}: EnterSpec): Instruction[] {
	const child = [
		// The change of ids cleared the signal (prctl(2)); it is not inherited either.
		dieWithParent,
		...(processes === 'own' && entry !== 'none' ? tryProc() : []),
		instruction('starting the worker', 'execve', [args[0], {strings: args}, {strings: env}]),
	];
	if (entry === 'none') {
		// Closing the handshake on the way is how the builder sees that the worker runs.
		return [
			instruction('closing the handshake for the worker', 'fcntl', [handshakeDescriptor, setDescriptorFlags, 1]),
			// What steps then need; to where one is already it changes nothing.
			instruction('changing the root', 'chroot', ['/']),
			...child,
		];
	}
	const newUser = entry === 'user';
	return [
		dieWithParent,
		instruction('closing the handshake for the worker', 'fcntl', [handshakeDescriptor, setDescriptorFlags, 1]),
		instruction('making namespaces', 'unshare', [
			namespaces.mount | (processes === 'own' ? namespaces.pid : 0) | (newUser ? namespaces.user : 0),
		]),
		...(newUser ? becomeRoot() : []),
		instruction('starting process 1', 'clone', [childEnded, 0, 0, 0, 0], {jumpIfNonZero: child.length}),
		...child,
		// Its end is how the builder sees that the worker runs.
		instruction('closing the handshake', 'close', [handshakeDescriptor]),
		instruction('waiting for the worker', 'wait4', [-1, {buffer: 'status', size: 8}, 0, 0]),
		instruction('ending', 'exit_group', [0]),
	];
}

/** What the program says when a /proc is refused. */
export const procPurpose = 'making a /proc of its own';

/** A user namespace gets no new /proc where the one that it sees has something mounted over it (mount_namespaces(7), locked mounts). */
function tryProc(): Instruction[] {
	return [
		...openAs(descriptors.context, instruction(procPurpose, 'fsopen', ['proc', closeOnExec])),
		instruction(procPurpose, 'fsconfig', [descriptors.context, createContext, 0, 0, 0]),
		instruction(procPurpose, 'fsmount', [descriptors.context, closeOnExec, 0]),
	];
}

function becomeRoot(): Instruction[] {
	return [
		// Whoever waits for a command that is gone waits for ever: a new user namespace may have cleared the signal.
		dieWithParent,
		instruction('asking for ids', 'write', [handshakeDescriptor, {bytes: Buffer.from('?')}, 1]),
		// It sees by itself that it has them: until then they are the kernel's overflow ids. A builder that is busy need not tell it.
		instruction('waiting for ids', 'nanosleep', [{bytes: moment}, 0]),
		instruction('waiting for a user id', 'getuid', [], {jumpIfNonZero: -2}),
		instruction('waiting for a group id', 'getgid', [], {jumpIfNonZero: -3}),
		instruction('becoming group 0', 'setresgid', [0, 0, 0]),
		instruction('becoming user 0', 'setresuid', [0, 0, 0]),
	];
}
