import type {Architecture} from '../architecture.ts';
import type {Argument, Instruction} from './instruction.ts';
import {interpreters} from './interpreter.ts';

const base = 0x40_0000;
const headerSize = 120;
const entrySize = 64;
const slotOffset = 56;
const halfSize = 4;

/** Bits 62, 61 and 60 of a call's word: in its upper half. */
const allowFailure = 1 << 30;
const jumpIfNonZero = 1 << 29;
const jumpIfFailed = 1 << 28;
const jumpMask = 0xffff;

/**
 * Makes a static ELF file that performs the instructions in order: one loadable segment of header, interpreter, table and data.
 * Throws RangeError for a call the architecture lacks.
 */
export function assemble(instructions: readonly Instruction[], architecture: Architecture): Buffer {
	const interpreter = interpreters[architecture.name];
	const tableAt = headerSize + interpreter.length;
	const layout = new Layout(base + tableAt + instructions.length * entrySize);
	const table = new Int32Array((instructions.length * entrySize) / halfSize);
	let at = 0;
	for (const step of instructions) {
		table[at / halfSize] = architecture.number(step.call);
		table[at / halfSize + 1] = flagsAndJump(step);
		let field = at + 8;
		for (const argument of step.args) {
			// The interpreter writes the result of the earlier entry straight into this one's argument.
			const back = distanceOf(argument);
			if (back === undefined) writeWord(table, layout.value(argument as Value), field);
			else writeWord(table, base + tableAt + field, at - back * entrySize + slotOffset);
			field += 8;
		}
		at += entrySize;
	}
	const size = tableAt + table.byteLength;
	return Buffer.concat([elfHeader(architecture, size + layout.size), interpreter, bytesOf(table), layout.bytes()]);
}

/**
 * 64 bits, in two's complement and in the order of this machine, which runs the program; halves are taken modulo 2^32 (ECMA-262, ToInt32).
 * Without BigInt where there is none, and without the checks of Buffer, because a step has hundreds.
 */
function writeWord(halves: Int32Array, value: number | bigint, at: number): void {
	const isBig = typeof value === 'bigint';
	halves[at / halfSize] = isBig ? Number(BigInt.asIntN(32, value)) : value;
	halves[at / halfSize + 1] = isBig ? Number(BigInt.asIntN(32, value >> 32n)) : Math.floor(value / 2 ** 32);
}

function bytesOf({buffer}: Int32Array): Buffer {
	return Buffer.from(buffer);
}

/** Index of the instruction whose entry lies at `address`, as a failure report names it. */
export function indexOfAddress(address: number, architecture: Architecture): number {
	return (address - base - headerSize - interpreters[architecture.name].length) / entrySize;
}

function flagsAndJump({onFailure = 'report', jumpIfNonZero: jump}: Instruction): number {
	if (typeof onFailure === 'object') return jumpIfFailed | (jump === undefined ? 0 : jumpIfNonZero) | onFailure.jump;
	return (onFailure === 'ignore' ? allowFailure : 0) | (jump === undefined ? 0 : jumpIfNonZero | (jump & jumpMask));
}

type Value = Exclude<Argument, {readonly result: 'previous'} | {readonly resultBack: number}>;

/** How many entries back the result stands that an argument means. */
function distanceOf(argument: Argument): number | undefined {
	if (typeof argument !== 'object') return undefined;
	if ('result' in argument) return 1;
	return 'resultBack' in argument ? argument.resultBack : undefined;
}

/** The data behind the table: 8-byte aligned pieces at known addresses. */
class Layout {
	readonly #start: number;
	readonly #pieces: {readonly at: number; readonly bytes: Uint8Array}[] = [];
	readonly #buffers = new Map<string, number>();
	readonly #texts = new Map<string, number>();
	size = 0;

	constructor(start: number) {
		this.#start = start;
	}

	bytes(): Buffer {
		const all = Buffer.alloc(this.size);
		for (const {at, bytes} of this.#pieces) all.set(bytes, at);
		return all;
	}

	value(argument: Value): number | bigint {
		if (typeof argument === 'number' || typeof argument === 'bigint') return argument;
		if (typeof argument === 'string') return this.#text(argument);
		if ('bytes' in argument) return this.#put(argument.bytes);
		if ('strings' in argument) return this.#pointers([...argument.strings.map((text) => this.#text(text)), 0]);
		if ('filter' in argument) return this.#pointers([argument.filter.length / 8, this.#put(argument.filter)]);
		const known = this.#buffers.get(argument.buffer);
		if (known !== undefined) return known;
		const address = this.#take(argument.size);
		this.#buffers.set(argument.buffer, address);
		return address;
	}

	/** No call changes a text: equal ones are one. */
	#text(text: string): number {
		const known = this.#texts.get(text);
		if (known !== undefined) return known;
		if (text.includes('\0')) throw new RangeError('a system call argument cannot hold a NUL character');
		const address = this.#put(Buffer.from(`${text}\0`, 'utf8'));
		this.#texts.set(text, address);
		return address;
	}

	#pointers(addresses: readonly number[]): number {
		const array = new Int32Array((addresses.length * 8) / halfSize);
		for (const [index, address] of addresses.entries()) writeWord(array, address, index * 8);
		return this.#put(bytesOf(array));
	}

	#put(bytes: Uint8Array): number {
		this.#pieces.push({at: this.size, bytes});
		return this.#take(bytes.length);
	}

	/** The address of so many zeros. */
	#take(size: number): number {
		const address = this.#start + this.size;
		this.size += Math.ceil(size / 8) * 8;
		return address;
	}
}

/** ELF64 file header and one program header, readable, writable and executable (elf(5)). */
function elfHeader(architecture: Architecture, fileSize: number): Buffer {
	const header = Buffer.alloc(headerSize);
	header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
	header.writeUInt16LE(2, 16);
	header.writeUInt16LE(architecture.machine, 18);
	header.writeUInt32LE(1, 20);
	header.writeBigUInt64LE(BigInt(base + headerSize), 24);
	header.writeBigUInt64LE(64n, 32);
	header.writeUInt16LE(64, 52);
	header.writeUInt16LE(56, 54);
	header.writeUInt16LE(1, 56);
	header.writeUInt32LE(1, 64);
	header.writeUInt32LE(7, 68);
	header.writeBigUInt64LE(BigInt(base), 80);
	header.writeBigUInt64LE(BigInt(base), 88);
	header.writeBigUInt64LE(BigInt(fileSize), 96);
	header.writeBigUInt64LE(BigInt(fileSize), 104);
	header.writeBigUInt64LE(65_536n, 112);
	return header;
}
