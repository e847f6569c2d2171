import {DatabaseFault} from './database-fault.ts';

/** Tags of rpm headers (rpm, include/rpm/rpmtag.h). */
export const tags = {
	name: 1000,
	version: 1001,
	release: 1002,
	epoch: 1003,
	vendor: 1011,
	licence: 1014,
	packager: 1015,
	arch: 1022,
	source: 1044,
} as const;

type Wanted = (typeof tags)[keyof typeof tags];

/** Types of values: a string, the first of several, the first of several languages. */
const stringTypes = new Set([6, 8, 9]);
const integerType = 4;
/** As rpm itself allows (lib/header.c). */
const mostEntries = 65_535;
const longestText = 4096;

/** Values of the wanted tags; a number of integers and texts of anything else. */
export type RpmHeader = ReadonlyMap<Wanted, string | number>;

/** A header as databases hold it: the numbers of entries and of data bytes, the entries, the data (rpm manual, package format v4). Throws DatabaseFault. */
export function parseHeader(bytes: Uint8Array): RpmHeader {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length < 8) throw new DatabaseFault('has a package without a header');
	const entries = view.getUint32(0);
	const size = view.getUint32(4);
	const data = 8 + entries * 16;
	if (entries > mostEntries || data + size > bytes.length) throw new DatabaseFault('has a package whose header is cut');
	const known = new Set<number>(Object.values(tags));
	const values = new Map<Wanted, string | number>();
	for (let at = 8; at < data; at += 16) {
		const tag = view.getUint32(at);
		if (!known.has(tag)) continue;
		const type = view.getUint32(at + 4);
		const offset = view.getUint32(at + 8);
		if (offset >= size) throw new DatabaseFault('has a package whose header points outside itself');
		if (stringTypes.has(type)) values.set(tag as Wanted, textAt(bytes, data + offset, data + size));
		else if (type === integerType && offset + 4 <= size) values.set(tag as Wanted, view.getUint32(data + offset));
	}
	return values;
}

function textAt(bytes: Uint8Array, start: number, limit: number): string {
	const end = bytes.indexOf(0, start);
	if (end === -1 || end >= limit) throw new DatabaseFault('has a package with a text that does not end');
	if (end - start > longestText) throw new DatabaseFault(`has a package with a text of ${end - start} bytes`);
	return new TextDecoder().decode(bytes.subarray(start, end));
}
