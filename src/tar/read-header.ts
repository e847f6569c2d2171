import {ArchiveFault} from './archive-fault.ts';

/** One 512-byte header as it stands, before PAX and GNU records are applied. Names are bytes as latin1. */
export interface RawHeader {
	readonly name: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly mtime: number;
	/** One character. */
	readonly flag: string;
	readonly link: string;
	readonly major: number;
	readonly minor: number;
}

/** Decodes a header block (v7, ustar, GNU); undefined for a block of zeros. Throws ArchiveFault for a wrong checksum or number. */
export function readHeader(block: Buffer): RawHeader | undefined {
	let sum = 8 * 0x20;
	let signed = sum;
	for (let index = 0; index < 512; index++) {
		if (index === 148) index = 156;
		const byte = block[index] ?? 0;
		sum += byte;
		signed += byte > 0x7f ? byte - 256 : byte;
	}
	if (sum === 8 * 0x20 && isZero(block)) return undefined;
	const claimed = readNumber(block, 148, 8);
	// Some old archivers summed signed characters.
	if (claimed !== sum && claimed !== signed) throw new ArchiveFault('checksum', {entry: readText(block, 0, 100)});
	const isPosix = block.toString('latin1', 257, 263) === 'ustar\0';
	const prefix = isPosix ? readText(block, 345, 155) : '';
	const name = readText(block, 0, 100);
	return {
		name: prefix === '' ? name : `${prefix}/${name}`,
		mode: readNumber(block, 100, 8),
		uid: readNumber(block, 108, 8),
		gid: readNumber(block, 116, 8),
		size: readNumber(block, 124, 12),
		mtime: readNumber(block, 136, 12),
		flag: block[156] === 0 ? '0' : String.fromCharCode(block[156] ?? 0x30),
		link: readText(block, 157, 100),
		major: readNumber(block, 329, 8),
		minor: readNumber(block, 337, 8),
	};
}

/** An octal field, or GNU's base-256 (first bit set; two's complement). Throws ArchiveFault when it is neither. */
export function readNumber(block: Buffer, at: number, length: number): number {
	const first = block[at] ?? 0;
	if (first >= 0x80) return readBinary(block, at, length);
	let value = 0;
	let hasDigits = false;
	for (let index = at; index < at + length; index++) {
		const byte = block[index] ?? 0;
		if (byte >= 0x30 && byte <= 0x37) {
			value = value * 8 + byte - 0x30;
			hasDigits = true;
		} else if (byte === 0x20 || byte === 0) {
			if (hasDigits) break;
		} else throw new ArchiveFault('header', {entry: readText(block, 0, 100), detail: 'number'});
	}
	return value;
}

function readBinary(block: Buffer, at: number, length: number): number {
	const bytes = Buffer.from(block.subarray(at, at + length));
	const isNegative = (bytes[0] ?? 0) >= 0xc0;
	if (!isNegative) bytes[0] = (bytes[0] ?? 0) & 0x7f;
	let value = BigInt(`0x${bytes.toString('hex')}`);
	if (isNegative) value -= 1n << BigInt(8 * length);
	const number = Number(value);
	if (!Number.isSafeInteger(number)) throw new ArchiveFault('header', {entry: readText(block, 0, 100), detail: 'number'});
	return number;
}

function readText(block: Buffer, at: number, length: number): string {
	const end = block.indexOf(0, at);
	return block.toString('latin1', at, end === -1 || end > at + length ? at + length : end);
}

function isZero(block: Buffer): boolean {
	for (let index = 0; index < 512; index++) if (block[index] !== 0) return false;
	return true;
}
