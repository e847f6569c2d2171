import type {StepLimits} from '../step-spec.ts';
import {instruction, type Instruction} from './instruction.ts';
import {openAs} from './open-as.ts';

// Constants of asm-generic/resource.h and fcntl.h, the same on both architectures.
const resources = {data: 2, processes: 6} as const;
const here = -100;
const writeOnlyCloseOnExec = 0x8_0001;
const membersDescriptor = 68;

/** The calling process becomes a member of its control group; the program's first process stays outside and is neither counted nor killed with it. */
export function joinControlGroup({members}: StepLimits): Instruction[] {
	if (members === undefined) return [];
	const purpose = 'entering the control group';
	return [
		...openAs(membersDescriptor, instruction(purpose, 'openat', [here, members, writeOnlyCloseOnExec, 0])),
		instruction(purpose, 'write', [membersDescriptor, {bytes: Buffer.from('0')}, 1]),
		instruction(purpose, 'close', [membersDescriptor]),
	];
}

/** What the kernel enforces for each process (getrlimit(2)) and where it may run (sched_setaffinity(2)); everything it starts inherits them. */
export function limitResources({data, processes, processors}: StepLimits): Instruction[] {
	return [
		...(data === undefined ? [] : [limit('limiting memory', resources.data, data)]),
		...(processes === undefined ? [] : [limit('limiting processes', resources.processes, processes)]),
		...(processors === undefined ? [] : [bind(processors)]),
	];
}

function limit(purpose: string, resource: number, value: number): Instruction {
	const rlimit = Buffer.alloc(16);
	rlimit.writeBigUInt64LE(BigInt(value), 0);
	rlimit.writeBigUInt64LE(BigInt(value), 8);
	return instruction(purpose, 'prlimit64', [0, resource, {bytes: rlimit}, 0]);
}

/** The mask is an array of unsigned long. */
function bind(processors: readonly number[]): Instruction {
	const mask = Buffer.alloc(8 * (1 + (Math.max(...processors) >> 6)));
	for (const number of processors) mask[number >> 3] = (mask[number >> 3] ?? 0) | (1 << (number & 7));
	return instruction('binding to processors', 'sched_setaffinity', [0, mask.length, {bytes: mask}]);
}
