import {DatabaseFault, type ReadBytes} from './database-fault.ts';

/** Pages of an SQLite database by number, from 1. */
export interface SqlitePages {
	/** Bytes of a page that hold data. */
	readonly usable: number;
	readonly count: number;
	read(page: number): DataView;
	/** Called for the bytes of every record: together they cannot be more than the pages have. */
	spend(bytes: number): void;
}

interface OpenFile {
	readonly size: number;
	readonly read: ReadBytes;
}

/** Opens a database (SQLite file format, 1.3); pages of committed transactions in its write-ahead log come before its own. */
export function openPages(database: OpenFile, log: OpenFile | undefined): SqlitePages {
	const newer = log === undefined || log.size < walHeaderSize ? new Map<number, number>() : committedFrames(log);
	const first = newer.get(1);
	const head = first === undefined || log === undefined ? database.read(0, 100) : log.read(first, 100);
	if (!new TextDecoder('latin1').decode(new Uint8Array(head.buffer, head.byteOffset, 16)).startsWith('SQLite format 3\0'))
		throw new DatabaseFault('is no SQLite database');
	const size = pageSizeOf(head.getUint16(16));
	const usable = size - head.getUint8(20);
	if (usable < 480) throw new DatabaseFault(`has pages of ${usable} usable bytes`);
	const count = Math.max(Math.floor(database.size / size), ...newer.keys());
	// The number of pages counts when it was written together with the last change (1.3.7).
	if (head.getUint32(24) === head.getUint32(92) && head.getUint32(28) > count) throw new DatabaseFault('ends before its last page');
	let left = count * size;
	return {
		usable,
		count,
		spend(bytes) {
			left -= bytes;
			if (left < 0) throw new DatabaseFault('has records that are larger than all its pages');
		},
		read(page) {
			if (page < 1 || page > count) throw new DatabaseFault(`refers to page ${page} of ${count}`);
			const frame = newer.get(page);
			return frame === undefined || log === undefined ? database.read((page - 1) * size, size) : log.read(frame, size);
		},
	};
}

function pageSizeOf(field: number): number {
	const size = field === 1 ? 65_536 : field;
	if (size < 512 || size > 65_536 || (size & (size - 1)) !== 0) throw new DatabaseFault(`has pages of ${size} bytes`);
	return size;
}

const walHeaderSize = 32;
const frameHeaderSize = 24;

/** Where the newest committed version of each page is (SQLite file format, 4): what stands behind a wrong checksum or another salt is old. */
function committedFrames({size, read}: OpenFile): Map<number, number> {
	const head = read(0, walHeaderSize);
	const magic = head.getUint32(0);
	if (magic !== 0x377f0682 && magic !== 0x377f0683) throw new DatabaseFault('has a write-ahead log that is none');
	const littleEndian = magic === 0x377f0682;
	const pageSize = pageSizeOf(head.getUint32(8) === 65_536 ? 1 : head.getUint32(8));
	let sum = checksum(new DataView(head.buffer, head.byteOffset, 24), littleEndian, [0, 0]);
	const committed = new Map<number, number>();
	if (sum[0] !== head.getUint32(24) || sum[1] !== head.getUint32(28)) return committed;
	let pending = new Map<number, number>();
	for (let at = walHeaderSize; at + frameHeaderSize + pageSize <= size; at += frameHeaderSize + pageSize) {
		const frame = read(at, frameHeaderSize + pageSize);
		if (frame.getUint32(8) !== head.getUint32(16) || frame.getUint32(12) !== head.getUint32(20)) break;
		sum = checksum(new DataView(frame.buffer, frame.byteOffset, 8), littleEndian, sum);
		sum = checksum(new DataView(frame.buffer, frame.byteOffset + frameHeaderSize, pageSize), littleEndian, sum);
		if (sum[0] !== frame.getUint32(16) || sum[1] !== frame.getUint32(20)) break;
		pending.set(frame.getUint32(0), at + frameHeaderSize);
		if (frame.getUint32(4) === 0) continue;
		for (const [page, offset] of pending) committed.set(page, offset);
		pending = new Map();
	}
	return committed;
}

type Sum = readonly [number, number];

/** SQLite file format, 4.2. */
function checksum(bytes: DataView, littleEndian: boolean, [first, second]: Sum): Sum {
	let [one, two] = [first, second];
	for (let at = 0; at < bytes.byteLength; at += 8) {
		one = (one + bytes.getUint32(at, littleEndian) + two) >>> 0;
		two = (two + bytes.getUint32(at + 4, littleEndian) + one) >>> 0;
	}
	return [one, two];
}
