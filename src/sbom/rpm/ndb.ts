import {bytesOfView, DatabaseFault, headerLimit, type ReadBytes} from './database-fault.ts';

const magicOf = (text: string): number => new DataView(new TextEncoder().encode(text).buffer).getUint32(0, true);
const pageSize = 4096;
const slotSize = 16;
const blockSize = 16;
/** 16 million packages. */
const mostSlotPages = 65_536;

/** The headers in a Packages.db (rpm, lib/backend/ndb/rpmpkg.c): a table of slots, and blobs in blocks of 16 bytes. Throws DatabaseFault. */
export function* readNdb(read: ReadBytes): Generator<Uint8Array> {
	const head = read(0, 32);
	if (head.getUint32(0, true) !== magicOf('RpmP')) throw new DatabaseFault('is no rpm database');
	if (head.getUint32(4, true) !== 0) throw new DatabaseFault(`has the unknown version ${head.getUint32(4, true)}`);
	const slotPages = head.getUint32(12, true);
	if (slotPages > mostSlotPages) throw new DatabaseFault(`has ${slotPages} pages of slots`);
	for (let page = 0; page < slotPages; page++) {
		const slots = read(page * pageSize, pageSize);
		// The first two slots are the header.
		for (let at = page === 0 ? 2 * slotSize : 0; at < pageSize; at += slotSize) {
			if (slots.getUint32(at, true) !== magicOf('Slot')) throw new DatabaseFault('has a slot that is none');
			const index = slots.getUint32(at + 4, true);
			const block = slots.getUint32(at + 8, true);
			if (index !== 0 && block !== 0) yield blobOf(read, index, block);
		}
	}
}

function blobOf(read: ReadBytes, index: number, block: number): Uint8Array {
	const start = block * blockSize;
	const head = read(start, 16);
	if (head.getUint32(0, true) !== magicOf('BlbS') || head.getUint32(4, true) !== index)
		throw new DatabaseFault(`has no package ${index} where its slot says`);
	const size = head.getUint32(12, true);
	if (size > headerLimit) throw new DatabaseFault(`has a package of ${size} bytes, ${headerLimit} are read at most`);
	return bytesOfView(read(start + 16, size));
}
