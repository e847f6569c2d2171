import type {StepSpec} from '../step-spec.ts';
import {confineInstructions} from './confine-instructions.ts';
import {type Argument, instruction, type Instruction} from './instruction.ts';
import {joinControlGroup} from './limit-instructions.ts';
import {mountInstructions} from './mount-instructions.ts';
import {openAs} from './open-as.ts';
import {readySize, reportSize, statusDescriptor} from './status.ts';

// Constants of linux/sched.h, linux/prctl.h, signal.h, fcntl.h, linux/sockios.h.
const namespaces = {mount: 0x2_0000, uts: 0x400_0000, ipc: 0x800_0000, pid: 0x2000_0000, network: 0x4000_0000} as const;
const parentDeathSignal = 1;
const kill = 9;
const becomeSubreaper = 36;
const childEnded = 17;
const setDescriptorFlags = 2;
const setInterfaceFlags = 0x8914;
const internet = 2;
const datagram = 2;
const loopbackDescriptor = 66;

/**
 * The system calls of one step. The first process makes the namespaces and waits; its child is process 1 in them, sets everything up
 * and becomes the command. Both die with the process that started them.
 */
export function stepProgram(spec: StepSpec): Instruction[] {
	return spec.hasNamespaces ? namespaceProgram(spec) : chrootProgram(spec);
}

function namespaceProgram(spec: StepSpec): Instruction[] {
	const child = [
		dieWithParent,
		...joinControlGroup(spec.limits ?? {}),
		...(spec.network === 'none' ? raiseLoopback() : []),
		...mountInstructions(spec),
		instruction('reporting that the root is mounted', 'write', [statusDescriptor, {bytes: Buffer.alloc(readySize)}, readySize]),
		...confineInstructions(spec, dieWithParent),
	];
	const {mount, uts, ipc, pid, network} = namespaces;
	const unshared = mount | uts | ipc | pid | (spec.network === 'none' ? network : 0);
	return [
		...begin,
		instruction('making namespaces', 'unshare', [unshared]),
		instruction('starting the first process', 'clone', [childEnded, 0, 0, 0, 0], {jumpIfNonZero: child.length}),
		...child,
		// Then the pipes end with the command's processes.
		...[1, 2].map((output) => instruction('leaving the output to the command', 'close', [output])),
		...reportEnd(-1),
		instruction('ending', 'exit_group', [0]),
	];
}

/**
 * The same where no namespace can be made. Whoever the command leaves behind becomes a child of the first process, which waits after its
 * report until the builder has ended them.
 */
function chrootProgram(spec: StepSpec): Instruction[] {
	const path = spec.root.kind === 'directory' ? spec.root.path : spec.mountpoint;
	const child = [
		dieWithParent,
		...joinControlGroup(spec.limits ?? {}),
		instruction('entering the root', 'chdir', [path]),
		instruction('switching the root', 'chroot', ['.']),
		instruction('reporting that the root is there', 'write', [statusDescriptor, {bytes: Buffer.alloc(readySize)}, readySize]),
		...confineInstructions(spec, dieWithParent),
	];
	return [
		...begin,
		instruction('taking over what the command leaves behind', 'prctl', [becomeSubreaper, 1, 0, 0, 0]),
		instruction('starting the command', 'clone', [childEnded, 0, 0, 0, 0], {jumpIfNonZero: child.length}),
		...child,
		...reportEnd({resultBack: child.length + 1}),
		instruction('waiting for the builder', 'read', [statusDescriptor, {buffer: 'answer', size: 8}, 1]),
		instruction('ending', 'exit_group', [0]),
	];
}

const dieWithParent = instruction('tying the step to its builder', 'prctl', [parentDeathSignal, kill, 0, 0, 0]);

const begin = [
	dieWithParent,
	instruction('closing descriptors', 'close_range', [statusDescriptor + 1, 0xffff_ffff, 0], {onFailure: 'ignore'}),
	instruction('keeping the status pipe from the command', 'fcntl', [statusDescriptor, setDescriptorFlags, 1]),
	// Without a controlling terminal the command cannot reach the one of the person who builds.
	instruction('leaving the terminal', 'setsid', [], {onFailure: 'ignore'}),
];

/** Waits for a child, any or one, and reports how it ended. */
function reportEnd(child: Argument): Instruction[] {
	const report = {buffer: 'report', size: reportSize} as const;
	return [
		instruction('waiting for the command', 'wait4', [child, report, 0, {buffer: 'usage', size: reportSize}]),
		instruction('reporting', 'write', [statusDescriptor, report, 8]),
		instruction('reporting', 'write', [statusDescriptor, {buffer: 'usage', size: reportSize}, reportSize - 8]),
	];
}

/** struct ifreq: the name `lo`, then flags IFF_UP | IFF_RUNNING (netdevice(7)). */
function raiseLoopback(): Instruction[] {
	const request = Buffer.alloc(40);
	request.write('lo');
	request.writeUInt16LE(0x41, 16);
	const purpose = 'raising the loopback interface';
	return [
		...openAs(loopbackDescriptor, instruction(purpose, 'socket', [internet, datagram, 0])),
		instruction(purpose, 'ioctl', [loopbackDescriptor, setInterfaceFlags, {bytes: request}]),
	];
}
