import {bytesOfView, DatabaseFault, headerLimit} from './database-fault.ts';
import type {SqlitePages} from './sqlite-pages.ts';

/** A column's value; numbers that need more than 53 bits are rounded. */
export type SqliteValue = null | number | Uint8Array;

/** The rows of a table of a database, in the order of their rowids. Throws DatabaseFault where the file is damaged. */
export function* readTable(pages: SqlitePages, table: string): Generator<readonly SqliteValue[]> {
	const text = (value: SqliteValue | undefined): string => (value instanceof Uint8Array ? new TextDecoder().decode(value) : '');
	for (const [type, name, , root] of readTree(pages, 1)) {
		if (text(type) !== 'table' || text(name) !== table) continue;
		if (typeof root !== 'number') throw new DatabaseFault(`does not say where the table ${table} is`);
		yield* readTree(pages, root);
		return;
	}
	throw new DatabaseFault(`has no table ${table}`);
}

/** A table b-tree (SQLite file format, 1.6), every page at most once. */
function* readTree(pages: SqlitePages, root: number): Generator<readonly SqliteValue[]> {
	const visited = new Set<number>();
	const open = [root];
	for (let page = open.pop(); page !== undefined; page = open.pop()) {
		if (visited.has(page)) throw new DatabaseFault(`refers to page ${page} twice`);
		visited.add(page);
		const view = pages.read(page);
		// The first page begins with the header of the database.
		const start = page === 1 ? 100 : 0;
		const type = view.getUint8(start);
		const cells = view.getUint16(start + 3);
		if (type === 0x05) open.push(...childrenOf(view, start, cells).toReversed());
		else if (type === 0x0d) for (let cell = 0; cell < cells; cell++) yield rowOf(pages, view, at(view, start + 8 + 2 * cell));
		else throw new DatabaseFault(`has a page ${page} of type ${type} in a table`);
	}
}

function at(view: DataView, pointer: number): number {
	if (pointer + 2 > view.byteLength) throw new DatabaseFault('has a page with too many cells');
	return view.getUint16(pointer);
}

function childrenOf(view: DataView, start: number, cells: number): number[] {
	const children: number[] = [];
	for (let cell = 0; cell < cells; cell++) {
		const offset = at(view, start + 12 + 2 * cell);
		if (offset + 4 > view.byteLength) throw new DatabaseFault('has a cell outside its page');
		children.push(view.getUint32(offset));
	}
	return [...children, view.getUint32(start + 8)];
}

function rowOf(pages: SqlitePages, view: DataView, offset: number): readonly SqliteValue[] {
	const [size, afterSize] = varint(view, offset);
	const [, afterId] = varint(view, afterSize);
	return recordOf(payloadOf(pages, view, afterId, size));
}

/** What a cell holds: in its page, and beyond that in a chain of overflow pages (1.6). */
function payloadOf(pages: SqlitePages, view: DataView, start: number, size: number): DataView {
	if (size > headerLimit) throw new DatabaseFault(`has a record of ${size} bytes, ${headerLimit} are read at most`);
	pages.spend(size);
	const {usable} = pages;
	const most = usable - 35;
	const least = Math.floor(((usable - 12) * 32) / 255) - 23;
	const fitting = least + ((size - least) % (usable - 4));
	const local = size <= most ? size : fitting <= most ? fitting : least;
	if (start + local + (local < size ? 4 : 0) > view.byteLength) throw new DatabaseFault('has a cell outside its page');
	const payload = new Uint8Array(size);
	payload.set(bytesOfView(view, start, local));
	let done = local;
	for (let next = local < size ? view.getUint32(start + local) : 0; done < size;) {
		const page = pages.read(next);
		const part = Math.min(size - done, usable - 4);
		payload.set(bytesOfView(page, 4, part), done);
		done += part;
		next = page.getUint32(0);
	}
	return new DataView(payload.buffer);
}

/** Bytes of serial types 0 to 9 (2.1). */
const sizes = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0];

function recordOf(payload: DataView): readonly SqliteValue[] {
	const [headerSize, first] = varint(payload, 0);
	const values: SqliteValue[] = [];
	let offset = headerSize;
	for (let field = first; field < headerSize;) {
		const [type, next] = varint(payload, field);
		const size = type >= 12 ? (type - 12 - (type % 2)) / 2 : sizes[type];
		if (size === undefined || offset + size > payload.byteLength) throw new DatabaseFault('has a record that does not fit its cell');
		values.push(type >= 12 ? bytesOfView(payload, offset, size) : integerOf(payload, offset, type));
		offset += size;
		field = next;
	}
	return values;
}

function integerOf(view: DataView, offset: number, type: number): null | number {
	if (type === 0) return null;
	if (type === 7) return view.getFloat64(offset);
	if (type >= 8) return type - 8;
	let value = view.getInt8(offset);
	for (let byte = 1; byte < (sizes[type] ?? 0); byte++) value = value * 256 + view.getUint8(offset + byte);
	return value;
}

/** A variable-length integer (1.6) and where the next byte is; values above 2^53 are rounded. */
function varint(view: DataView, start: number): readonly [value: number, next: number] {
	let value = 0;
	for (let at = start; at < start + 9 && at < view.byteLength; at++) {
		const byte = view.getUint8(at);
		if (at === start + 8) return [value * 256 + byte, at + 1];
		value = value * 128 + (byte & 0x7f);
		if (byte < 0x80) return [value, at + 1];
	}
	throw new DatabaseFault('has a number that does not end');
}
