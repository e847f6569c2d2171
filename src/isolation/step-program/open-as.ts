import {instruction, type Instruction} from './instruction.ts';

/** Descriptors that instructions refer to by a number of their own, far above those that calls return. */
export const descriptors = {root: 60, context: 61, proc: 62, sys: 63, temporary: 65, firstDevice: 70, firstBind: 80} as const;

const closeOnExec = 0x8_0000;

/** The instruction opens a descriptor; afterwards it is open as `number`. */
export function openAs(number: number, opening: Instruction): Instruction[] {
	return [opening, instruction(opening.purpose, 'dup3', [{result: 'previous'}, number, closeOnExec])];
}
