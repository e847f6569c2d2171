import {pack, type Header} from 'tar-stream';

export const blockSize = 512;

/** What a ustar header block says; the texts are bytes as latin1 and every number fits its octal field. */
export interface UstarFields {
	readonly name: string;
	readonly type: Header['type'] | 'pax-header';
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly mtime: number;
	readonly link: string;
	readonly device: {readonly major: number; readonly minor: number} | undefined;
}

/** The step of tar-stream's pack that turns a header into blocks, at once; `entry` does it a tick later and with a stream for each entry. */
interface Encoder {
	_encode(header: unknown): void;
}

const longestText = 100;
const noTime = new Date(0);
let block: Buffer = Buffer.alloc(0);
let encoder: Encoder | undefined;

function makeEncoder(): Encoder {
	const keep = {
		push(bytes: Buffer): boolean {
			block = bytes;
			return true;
		},
	};
	return Object.assign(pack(), keep) as unknown as Encoder;
}

/**
 * A header block of tar-stream with its traps mended. It writes numbers with one digit less and a space after them, clamps ids above 262143
 * and cuts times to 32 bits, so all of them are written again, with the checksum. It takes texts as UTF-8 and splits or refuses long names,
 * so a text that is not short ASCII is written again as bytes, cut at 100 (its PAX record says all of it).
 */
export function ustarBlock(fields: UstarFields): Buffer {
	return blockAsBefore(fields) ?? blockOf(fields);
}

/** The last block, when another name and size can be put into it: files of one tree mostly differ in nothing else. */
let before: {readonly fields: UstarFields; readonly block: Buffer; readonly sum: number} | undefined;

function blockAsBefore(fields: UstarFields): Buffer | undefined {
	const {name, link, device} = fields;
	if (before === undefined || link !== '' || device !== undefined || !isShortAscii(name)) return undefined;
	const known = before.fields;
	const isSame =
		known.type === fields.type &&
		known.mode === fields.mode &&
		known.uid === fields.uid &&
		known.gid === fields.gid &&
		known.mtime === fields.mtime;
	if (!isSame) return undefined;
	const made = Buffer.allocUnsafe(blockSize);
	before.block.copy(made);
	let {sum} = before;
	for (let at = 0; at < name.length; at++) {
		const byte = name.charCodeAt(at);
		made[at] = byte;
		sum += byte;
	}
	writeOctal(made, 124, 11, fields.size);
	for (let at = 124; at < 135; at++) sum += made[at] ?? 0;
	writeChecksum(made, sum);
	return made;
}

/** Keeps a plain block without its name and size. */
function keep(fields: UstarFields, made: Buffer): void {
	const kept = Buffer.from(made);
	kept.fill(0, 0, longestText);
	kept.fill(0, 124, 136);
	before = {fields, block: kept, sum: checksumOf(kept)};
}

function writeChecksum(to: Buffer, sum: number): void {
	writeOctal(to, 148, 6, sum);
	to[155] = 0x20;
}

function blockOf(fields: UstarFields): Buffer {
	const {name, link, device} = fields;
	const isPlain = isShortAscii(name) && isShortAscii(link);
	// Mode 0 is no trap here: only `entry` replaces it.
	const common = {type: fields.type, mode: fields.mode, uid: 0, gid: 0, size: 0, mtime: noTime};
	(encoder ??= makeEncoder())._encode({name: isPlain ? name : '', linkname: isPlain ? link : '', ...common});
	if (!isPlain) {
		block.write(name.slice(0, longestText), 0, 'latin1');
		block.write(link.slice(0, longestText), 157, 'latin1');
	}
	writeOctal(block, 100, 7, fields.mode);
	writeOctal(block, 108, 7, fields.uid);
	writeOctal(block, 116, 7, fields.gid);
	writeOctal(block, 124, 11, fields.size);
	writeOctal(block, 136, 11, fields.mtime);
	writeOctal(block, 329, 7, device?.major ?? 0);
	writeOctal(block, 337, 7, device?.minor ?? 0);
	writeChecksum(block, checksumOf(block));
	if (isPlain && link === '' && device === undefined) keep(fields, block);
	return block;
}

/** True for a text that a header block holds as it is. */
export function isShortAscii(text: string): boolean {
	if (text.length > longestText) return false;
	for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
	return true;
}

/** Digits and a NUL. */
function writeOctal(to: Buffer, at: number, digits: number, value: number): void {
	const high = Math.floor(value / 0x40000000);
	let low = value % 0x40000000;
	// Ten octal digits are 30 bits: whole numbers of 32 bits shift faster than others divide.
	for (let index = at + digits - 1; index >= at; index--) {
		to[index] = 0x30 + (low & 7);
		low = index === at + digits - 10 ? high : low >>> 3;
	}
	to[at + digits] = 0;
}

/** The sum of all bytes, those of the checksum itself as spaces. */
function checksumOf(from: Buffer): number {
	let sum = 8 * 0x20;
	for (let index = 0; index < 148; index++) sum += from[index] ?? 0;
	for (let index = 156; index < blockSize; index++) sum += from[index] ?? 0;
	return sum;
}
