import {closeSync, constants, openSync, readSync, writeSync} from 'node:fs';
import {errno, errnoNumber, koffi, libcFunction, SystemCallError} from './libc.ts';

const pathMax = 4096;
const page = 4096n;

const vmRead = libcFunction('long process_vm_readv(int process, void *to, ulong count, void *from, ulong pieces, ulong flags)') as (
	process: number,
	to: Buffer,
	count: number,
	from: Buffer,
	pieces: number,
	flags: number,
) => number | bigint;
/** It never moves: the kernel is told its address. */
const text = Buffer.allocUnsafeSlow(pathMax);
/** struct iovec: address and length (process_vm_readv(2)). */
const [here, there] = [Buffer.alloc(16), Buffer.alloc(16)];

/**
 * A path (latin1 bytes) in the memory of a process, up to its NUL. Throws what the kernel would say of a bad address or a long path. One call
 * for most: opening its memory as a file takes three times as long.
 */
export function readPathOf(process: number, address: bigint): string {
	let path = '';
	if (here.readBigUInt64LE(0) === 0n) here.writeBigUInt64LE(koffi().address(text), 0);
	// Page by page: the text may end just before one that is not there.
	while (path.length < pathMax) {
		const position = address + BigInt(path.length);
		const length = BigInt(Math.min(pathMax - path.length, Number(page - (position % page))));
		here.writeBigUInt64LE(length, 8);
		there.writeBigUInt64LE(position, 0);
		there.writeBigUInt64LE(length, 8);
		const read = Number(vmRead(process, here, 1, there, 1, 0));
		if (read < 0) throw new SystemCallError('process_vm_readv', errno());
		const end = text.indexOf(0);
		if (end !== -1 && end < read) return path + text.toString('latin1', 0, end);
		if (read === 0) break;
		path += text.toString('latin1', 0, read);
	}
	throw failure('ENAMETOOLONG');
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
	return new SystemCallError('reading memory', errnoNumber(code) ?? 14);
}
