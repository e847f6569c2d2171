import {errnoNumber} from '../host/libc.ts';

/** What becomes of a call that waits for the builder. */
export type Answer =
	/** The kernel makes it as if nobody had asked. */
	| {readonly kind: 'go-on'}
	/** It returns this without being made. */
	| {readonly kind: 'value'; readonly value: number}
	| {readonly kind: 'error'; readonly errno: number}
	/** It returns a copy of this descriptor, which is closed here. */
	| {readonly kind: 'descriptor'; readonly descriptor: number; readonly closesOnExec: boolean};

/** Who makes a call: `thread` is the number that the builder knows it by. */
export interface Caller {
	readonly thread: number;
	/** False when it has been given up; the number may be another's by then. */
	isWaiting(): boolean;
}

export const goOn: Answer = {kind: 'go-on'};

export function returns(value: number): Answer {
	return {kind: 'value', value};
}

export function refuse(code: 'EACCES' | 'EPERM' | 'EINVAL' | 'EBADF'): Answer {
	return {kind: 'error', errno: errnoNumber(code) ?? 1};
}
