import type {Architecture} from '../architecture.ts';
import type {Argument, Instruction} from './instruction.ts';
import {interpreters} from './interpreter.ts';

const base = 0x40_0000;
const headerSize = 120;
const entrySize = 64;
const slotOffset = 56;

const allowFailure = 1n << 62n;
const jumpIfNonZero = 1n << 61n;
const jumpIfFailed = 1n << 60n;

/**
 * Makes a static ELF file that performs the instructions in order: one loadable segment of header, interpreter, table and data.
 * Throws RangeError for a call the architecture lacks.
 */
export function assemble(instructions: readonly Instruction[], architecture: Architecture): Buffer {
	const interpreter = interpreters[architecture.name];
	const tableAt = headerSize + interpreter.length;
	const layout = new Layout(base + tableAt + instructions.length * entrySize);
	const table = Buffer.alloc(instructions.length * entrySize);
	for (const [index, step] of instructions.entries()) {
		const at = index * entrySize;
		table.writeBigUInt64LE(callWord(step, architecture), at);
		for (const [position, argument] of step.args.entries()) {
			const field = at + 8 + position * 8;
			// The interpreter writes the result of the earlier entry straight into this one's argument.
			const back = distanceOf(argument);
			if (back !== undefined) table.writeBigUInt64LE(BigInt(base + tableAt + field), at - back * entrySize + slotOffset);
			else if (typeof argument === 'number' && argument >= 0 && argument <= 0xffff_ffff) table.writeUInt32LE(argument, field);
			else table.writeBigUInt64LE(layout.value(argument as Value), field);
		}
	}
	return Buffer.concat([elfHeader(architecture, tableAt + table.length + layout.size), interpreter, table, layout.bytes()]);
}

/** Index of the instruction whose entry lies at `address`, as a failure report names it. */
export function indexOfAddress(address: number, architecture: Architecture): number {
	return (address - base - headerSize - interpreters[architecture.name].length) / entrySize;
}

function callWord(step: Instruction, architecture: Architecture): bigint {
	const {onFailure = 'report'} = step;
	let word = BigInt(architecture.number(step.call));
	let jump = step.jumpIfNonZero ?? 0;
	if (step.jumpIfNonZero !== undefined) word |= jumpIfNonZero;
	if (onFailure === 'ignore') word |= allowFailure;
	if (typeof onFailure === 'object') {
		word |= jumpIfFailed;
		jump = onFailure.jump;
	}
	return word | (BigInt(jump) << 32n);
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
	readonly #pieces: Uint8Array[] = [];
	readonly #buffers = new Map<string, bigint>();
	size = 0;

	constructor(start: number) {
		this.#start = start;
	}

	bytes(): Buffer {
		return Buffer.concat(this.#pieces);
	}

	value(argument: Value): bigint {
		if (typeof argument === 'number' || typeof argument === 'bigint') return BigInt.asUintN(64, BigInt(argument));
		if (typeof argument === 'string') return this.#text(argument);
		if ('bytes' in argument) return this.#put(argument.bytes);
		if ('strings' in argument) return this.#pointers([...argument.strings.map((text) => this.#text(text)), 0n]);
		if ('filter' in argument) return this.#pointers([BigInt(argument.filter.length / 8), this.#put(argument.filter)]);
		const known = this.#buffers.get(argument.buffer);
		if (known !== undefined) return known;
		const address = this.#put(new Uint8Array(argument.size));
		this.#buffers.set(argument.buffer, address);
		return address;
	}

	#text(text: string): bigint {
		if (text.includes('\0')) throw new RangeError('a system call argument cannot hold a NUL character');
		return this.#put(Buffer.from(`${text}\0`, 'utf8'));
	}

	#pointers(addresses: readonly bigint[]): bigint {
		const array = Buffer.alloc(addresses.length * 8);
		for (const [index, address] of addresses.entries()) array.writeBigUInt64LE(address, index * 8);
		return this.#put(array);
	}

	#put(bytes: Uint8Array): bigint {
		const address = BigInt(this.#start + this.size);
		const padding = (8 - (bytes.length % 8)) % 8;
		this.#pieces.push(bytes, new Uint8Array(padding));
		this.size += bytes.length + padding;
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
