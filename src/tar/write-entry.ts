import type {EntryType, TarEntry} from './entry.ts';
import {paxRecords} from './pax.ts';
import {blockSize, isShortAscii, ustarBlock, type UstarFields} from './ustar-block.ts';

// Who does what: tar-stream makes every ustar block (ustar-block.ts, with its traps mended) and whole image archives (pack-archive.ts), whose
// members are few and plainly named. PAX blocks of layers are made here, because tar-stream writes their values as UTF-8, unsorted, with the
// owner and time of the entry. The bytes of a layer decide its diffID: test/tar/write-entry.test.ts has those that must never change.
// 30 000 entries take 85 ms (125 the first time), as our own encoder did; `entry` as it stands gives blocks in a later tick, too late for the
// synchronous writer of layers, and takes 145 to 290 ms when it is forced.

/** Two zero blocks (POSIX pax, ustar interchange format). */
export const endOfArchive = Buffer.alloc(2 * blockSize);

/** Largest values of the octal fields: 7 and 11 digits. */
const largestId = 0o7777777;
const largestNumber = 0o77777777777;
const types: Readonly<Record<EntryType, UstarFields['type']>> = {
	file: 'file',
	hardlink: 'link',
	symlink: 'symlink',
	char: 'character-device',
	block: 'block-device',
	directory: 'directory',
	fifo: 'fifo',
};
const paxFields = {
	name: 'PaxHeaders.0/entry',
	type: 'pax-header',
	mode: 0o644,
	uid: 0,
	gid: 0,
	mtime: 0,
	link: '',
	device: undefined,
} as const;

/** Bytes that fill the last block of a content of this size. */
export function paddingOf(size: number): number {
	return (blockSize - (size % blockSize)) % blockSize;
}

/** The header blocks of an entry: ustar, after a PAX header only when ustar cannot hold a value. Equal entries give equal bytes. */
export function encodeEntry(entry: TarEntry): Buffer {
	const name = entry.type === 'directory' ? `${entry.path}/` : entry.path;
	const size = entry.type === 'file' ? entry.size : 0;
	const records = recordsOf(entry, name, size);
	const block = ustarBlock({
		name,
		type: types[entry.type],
		mode: entry.mode,
		uid: entry.uid > largestId ? 0 : entry.uid,
		gid: entry.gid > largestId ? 0 : entry.gid,
		size: size > largestNumber ? 0 : size,
		mtime: isTimeInRange(entry.mtime) ? entry.mtime : 0,
		link: entry.link ?? '',
		device: entry.device,
	});
	if (records.length === 0) return block;
	const body = paxRecords(records);
	return Buffer.concat([ustarBlock({...paxFields, size: body.length}), body, Buffer.alloc(paddingOf(body.length)), block]);
}

function isTimeInRange(mtime: number): boolean {
	return mtime >= 0 && mtime <= largestNumber;
}

function recordsOf(entry: TarEntry, name: string, size: number): (readonly [key: string, value: string])[] {
	const records: [string, string][] = [];
	for (const [key, value] of Object.entries(entry.xattrs ?? {})) records.push([`SCHILY.xattr.${key}`, value]);
	if (entry.gid > largestId) records.push(['gid', `${entry.gid}`]);
	if (entry.link !== undefined && !isShortAscii(entry.link)) records.push(['linkpath', entry.link]);
	if (!isTimeInRange(entry.mtime)) records.push(['mtime', `${entry.mtime}`]);
	if (!isShortAscii(name)) records.push(['path', name]);
	if (size > largestNumber) records.push(['size', `${size}`]);
	if (entry.uid > largestId) records.push(['uid', `${entry.uid}`]);
	return records;
}
