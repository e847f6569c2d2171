import type {EntryType, TarEntry} from './entry.ts';
import {paxRecords} from './pax.ts';

export const blockSize = 512;
/** Two zero blocks (POSIX pax, ustar interchange format). */
export const endOfArchive = Buffer.alloc(2 * blockSize);

/** Largest values of the octal fields: 7 and 11 digits. */
const largestId = 0o7777777;
const largestNumber = 0o77777777777;
const longestName = 100;
const typeFlags: Readonly<Record<EntryType, string>> = {
	file: '0',
	hardlink: '1',
	symlink: '2',
	char: '3',
	block: '4',
	directory: '5',
	fifo: '6',
};

/** Bytes that fill the last block of a content of this size. */
export function paddingOf(size: number): number {
	return (blockSize - (size % blockSize)) % blockSize;
}

/** The header blocks of an entry: ustar, after a PAX header only when ustar cannot hold a value. Equal entries give equal bytes. */
export function encodeEntry(entry: TarEntry): Buffer {
	const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
	const size = entry.type === 'file' ? entry.size : 0;
	const records = recordsOf(entry, name, size);
	if (records.length === 0) return header(entry, name, size);
	const body = paxRecords(records);
	const blocks = Buffer.alloc(2 * blockSize + body.length + paddingOf(body.length));
	writeHeader(blocks, 0, {name: 'PaxHeaders.0/entry', mode: 0o644, uid: 0, gid: 0, size: body.length, mtime: 0, flag: 'x', link: ''});
	body.copy(blocks, blockSize);
	header(entry, name, size).copy(blocks, blocks.length - blockSize);
	return blocks;
}

function header(entry: TarEntry, name: string, size: number): Buffer {
	const block = Buffer.alloc(blockSize);
	writeHeader(block, 0, {
		name,
		mode: entry.mode,
		uid: entry.uid > largestId ? 0 : entry.uid,
		gid: entry.gid > largestId ? 0 : entry.gid,
		size: size > largestNumber ? 0 : size,
		mtime: isTimeInRange(entry.mtime) ? entry.mtime : 0,
		flag: typeFlags[entry.type],
		link: entry.link ?? '',
		device: entry.device,
	});
	return block;
}

interface Header {
	readonly name: string;
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	readonly mtime: number;
	readonly flag: string;
	readonly link: string;
	readonly device?: TarEntry['device'];
}

function writeHeader(block: Buffer, at: number, fields: Header): void {
	block.write(fields.name.slice(0, longestName), at, 'latin1');
	writeOctal(block, at + 100, 7, fields.mode);
	writeOctal(block, at + 108, 7, fields.uid);
	writeOctal(block, at + 116, 7, fields.gid);
	writeOctal(block, at + 124, 11, fields.size);
	writeOctal(block, at + 136, 11, fields.mtime);
	block.write(fields.flag, at + 156, 'latin1');
	block.write(fields.link.slice(0, longestName), at + 157, 'latin1');
	block.write('ustar\x0000', at + 257, 'latin1');
	writeOctal(block, at + 329, 7, fields.device?.major ?? 0);
	writeOctal(block, at + 337, 7, fields.device?.minor ?? 0);
	block.fill(0x20, at + 148, at + 156);
	let sum = 0;
	for (let index = at; index < at + blockSize; index++) sum += block[index] ?? 0;
	writeOctal(block, at + 148, 6, sum);
	block[at + 154] = 0;
}

function writeOctal(block: Buffer, at: number, digits: number, value: number): void {
	block.write(value.toString(8).padStart(digits, '0'), at, 'latin1');
}

function isTimeInRange(mtime: number): boolean {
	return mtime >= 0 && mtime <= largestNumber;
}

function recordsOf(entry: TarEntry, name: string, size: number): (readonly [key: string, value: string])[] {
	const records: [string, string][] = [];
	for (const [key, value] of Object.entries(entry.xattrs ?? {})) records.push([`SCHILY.xattr.${key}`, value]);
	if (entry.gid > largestId) records.push(['gid', `${entry.gid}`]);
	if (entry.link !== undefined && needsRecord(entry.link)) records.push(['linkpath', entry.link]);
	if (!isTimeInRange(entry.mtime)) records.push(['mtime', `${entry.mtime}`]);
	if (needsRecord(name)) records.push(['path', name]);
	if (size > largestNumber) records.push(['size', `${size}`]);
	if (entry.uid > largestId) records.push(['uid', `${entry.uid}`]);
	return records;
}

function needsRecord(text: string): boolean {
	if (text.length > longestName) return true;
	for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return true;
	return false;
}
