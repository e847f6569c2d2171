import {instruction, type Instruction} from './instruction.ts';

// Constants of linux/mount.h and fcntl.h.
export const attributes = {readOnly: 1, noSetuid: 2, noDevices: 4, noExec: 8} as const;
const here = -100;
const emptyPath = 0x1000;
const recursive = 0x8000;
const size = 32;

/** Sets attributes of an open tree and of everything in it. */
export function restrict(purpose: string, descriptor: number, attribute: number): Instruction {
	return instruction(purpose, 'mount_setattr', [descriptor, '', emptyPath | recursive, {bytes: setting(attribute)}, size]);
}

/** Sets attributes of what is mounted at a path. */
export function restrictPath(purpose: string, path: string, attribute: number): Instruction {
	return instruction(purpose, 'mount_setattr', [here, path, 0, {bytes: setting(attribute)}, size]);
}

/** struct mount_attr: what to set, what to clear, propagation, user namespace (mount_setattr(2)). */
function setting(attribute: number): Buffer {
	const attr = Buffer.alloc(size);
	attr.writeBigUInt64LE(BigInt(attribute), 0);
	return attr;
}
