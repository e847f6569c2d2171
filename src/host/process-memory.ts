import {closeSync, constants, openSync, readSync, writeSync} from 'node:fs';
import koffi from 'koffi';
import {SystemCallError} from './libc.ts';

const pathMax = 4096;
const page = 4096n;

/** A path (latin1 bytes) in the memory of a process, up to its NUL. Throws what the kernel would say of a bad address or a long path. */
export function readPathOf(process: number, address: bigint): string {
	return withMemory(process, constants.O_RDONLY, (memory) => {
		const text = Buffer.alloc(pathMax);
		// Page by page: the text may end just before one that is not there.
		for (let length = 0; length < pathMax;) {
			const position = address + BigInt(length);
			const wanted = Math.min(pathMax - length, Number(page - (position % page)));
			const read = readSync(memory, text, length, wanted, position);
			const end = text.subarray(length, length + read).indexOf(0);
			if (end !== -1) return text.toString('latin1', 0, length + end);
			if (read === 0) break;
			length += read;
		}
		throw failure('ENAMETOOLONG');
	});
}

/** So many bytes of the memory of a process. Throws EFAULT when they are not all there. */
export function readMemoryOf(process: number, address: bigint, length: number): Buffer {
	const bytes = Buffer.alloc(length);
	if (length === 0) return bytes;
	return withMemory(process, constants.O_RDONLY, (memory) => {
		if (readSync(memory, bytes, 0, length, address) < length) throw failure('EFAULT');
		return bytes;
	});
}

/** Writes into the process if it is still the one that is meant, which is asked when its memory is open: its number may be another's by then. */
export function writeMemoryOf(
	process: number,
	{address, bytes}: {readonly address: bigint; readonly bytes: Buffer},
	isMeant: () => boolean,
): void {
	// Addresses of user space are below 2^47, which a number holds exactly.
	withMemory(process, constants.O_WRONLY, (memory) => isMeant() && writeSync(memory, bytes, 0, bytes.length, Number(address)));
}

function withMemory<T>(process: number, flags: number, work: (memory: number) => T): T {
	const memory = openSync(`/proc/${process}/mem`, flags);
	try {
		return work(memory);
	} catch (error) {
		// The second: an address of the kernel's.
		if (['EIO', 'ERR_OUT_OF_RANGE'].includes((error as NodeJS.ErrnoException).code ?? '')) throw failure('EFAULT');
		throw error;
	} finally {
		closeSync(memory);
	}
}

function failure(code: 'EFAULT' | 'ENAMETOOLONG'): SystemCallError {
	return new SystemCallError('reading memory', koffi.os.errno[code] ?? 14);
}
