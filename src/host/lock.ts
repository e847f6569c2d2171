import {closeSync, openSync} from 'node:fs';
import {errno, lastErrno, libcFunction, SystemCallError} from './libc.ts';

const flock = libcFunction('int flock(int fd, int operation)') as (fd: number, operation: number) => number;
const shared = 1;
const exclusive = 2;
const nonBlocking = 4;

export interface Lock {
	release(): void;
}

/**
 * Takes flock(2) on a file (made when missing); the kernel frees it when the process dies, however it dies.
 * Without `wait`, returns undefined when somebody else holds it. With `wait`, blocks the whole process: for critical sections of milliseconds.
 */
export function lockFile(path: string, options: {readonly shared?: boolean; readonly wait?: boolean} = {}): Lock | undefined {
	const operation = (options.shared === true ? shared : exclusive) | (options.wait === true ? 0 : nonBlocking);
	return lockOpened(openSync(path, 'a+', 0o644), path, operation);
}

/** The same on a directory that exists; undefined when somebody else holds it. Throws ENOENT. */
export function lockDirectory(path: string): Lock | undefined {
	return lockOpened(openSync(path, 'r'), path, exclusive | nonBlocking);
}

/** The same on a file that the caller has opened and closes: true when it is locked until then, false when somebody else holds it. */
export function lockDescriptor(fd: number, path: string): boolean {
	return tryLock(fd, path, exclusive | nonBlocking);
}

function lockOpened(fd: number, path: string, operation: number): Lock | undefined {
	let isLocked = false;
	try {
		isLocked = tryLock(fd, path, operation);
	} finally {
		if (!isLocked) closeSync(fd);
	}
	return isLocked ? {release: () => closeSync(fd)} : undefined;
}

function tryLock(fd: number, path: string, operation: number): boolean {
	for (;;) {
		if (flock(fd, operation) === 0) return true;
		const code = lastErrno();
		if (code === 'EINTR') continue;
		if (code === 'EAGAIN' || code === 'EWOULDBLOCK') return false;
		throw new SystemCallError(`flock ${path}`, errno());
	}
}

/** Takes a lock without blocking the process: asks again every `interval` milliseconds until it is free. */
export async function waitForLock(
	path: string,
	signal?: AbortSignal,
	{shared: isShared = false, interval = 15}: {readonly shared?: boolean; readonly interval?: number} = {},
): Promise<Lock> {
	for (;;) {
		signal?.throwIfAborted();
		const lock = lockFile(path, {shared: isShared});
		if (lock !== undefined) return lock;
		await new Promise((resolve) => setTimeout(resolve, interval));
	}
}
