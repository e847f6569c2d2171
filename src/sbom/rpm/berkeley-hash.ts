import {bytesOfView, DatabaseFault, headerLimit, type ReadBytes} from './database-fault.ts';

const hashMagic = 0x00061561;
const pageHeader = 26;
/** Page types (Berkeley DB, dbinc/db_page.h). */
const types = {unsortedHash: 2, overflow: 7, hash: 13};
/** Kinds of items on a hash page. */
const items = {inPage: 1, offPage: 3};

/**
 * The headers in a Packages file of old rpm: values of a Berkeley DB hash whose keys are numbers of packages (0: a counter). Every page is
 * looked at once, so the buckets do not matter. Throws DatabaseFault.
 */
export function* readBerkeleyHash(read: ReadBytes, size: number): Generator<Uint8Array> {
	const head = read(0, 72);
	const littleEndian = head.getUint32(12, true) === hashMagic;
	if (!littleEndian && head.getUint32(12) !== hashMagic) throw new DatabaseFault('is no Berkeley DB hash');
	const pageSize = head.getUint32(20, littleEndian);
	if (pageSize < 512 || pageSize > 65_536 || (pageSize & (pageSize - 1)) !== 0) throw new DatabaseFault(`has pages of ${pageSize} bytes`);
	if (head.getUint8(24) !== 0) throw new DatabaseFault('is encrypted');
	const last = head.getUint32(32, littleEndian);
	if ((last + 1) * pageSize > size) throw new DatabaseFault(`ends before its last page, ${last}`);
	const database = {read, pageSize, littleEndian, last};
	for (let page = 1; page <= last; page++) {
		const view = read(page * pageSize, pageSize);
		const type = view.getUint8(25);
		if (type === types.hash || type === types.unsortedHash) yield* valuesOf(database, view);
	}
}

interface Database {
	readonly read: ReadBytes;
	readonly pageSize: number;
	readonly littleEndian: boolean;
	readonly last: number;
}

/** Offsets of key and value by turns, from the end of the page downwards. */
function* valuesOf(database: Database, view: DataView): Generator<Uint8Array> {
	const {pageSize, littleEndian} = database;
	const count = view.getUint16(20, littleEndian);
	if (pageHeader + 2 * count > pageSize) throw new DatabaseFault('has a page with too many items');
	const offsetOf = (item: number): number => (item < 0 ? pageSize : view.getUint16(pageHeader + 2 * item, littleEndian));
	for (let item = 1; item < count; item += 2) {
		const [before, key, value] = [offsetOf(item - 2), offsetOf(item - 1), offsetOf(item)];
		if (value < pageHeader || value >= key || key >= before || before > pageSize) throw new DatabaseFault('has an item outside its page');
		const isCounter = bytesOfView(view, key + 1, before - key - 1).every((byte) => byte === 0);
		if (isCounter) continue;
		const kind = view.getUint8(value);
		if (kind === items.inPage) yield bytesOfView(view, value + 1, key - value - 1);
		else if (kind === items.offPage && value + 12 <= pageSize)
			yield chained(database, view.getUint32(value + 4, littleEndian), view.getUint32(value + 8, littleEndian));
		else throw new DatabaseFault(`has an item of unknown kind ${kind}`);
	}
}

/** A value in a chain of overflow pages. */
function chained({read, pageSize, littleEndian, last}: Database, first: number, size: number): Uint8Array {
	if (size > headerLimit) throw new DatabaseFault(`has a package of ${size} bytes, ${headerLimit} are read at most`);
	const value = new Uint8Array(size);
	let done = 0;
	for (let page = first; done < size;) {
		if (page === 0 || page > last) throw new DatabaseFault(`refers to page ${page} of ${last}`);
		const view = read(page * pageSize, pageSize);
		const part = Math.min(view.getUint16(22, littleEndian), size - done);
		if (view.getUint8(25) !== types.overflow || part === 0 || pageHeader + part > pageSize)
			throw new DatabaseFault(`has a page ${page} that does not go on with a value`);
		value.set(bytesOfView(view, pageHeader, part), done);
		done += part;
		page = view.getUint32(16, littleEndian);
	}
	return value;
}
