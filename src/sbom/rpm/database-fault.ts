/** What is wrong with the bytes of a database, as a predicate of it. */
export class DatabaseFault extends Error {
	override readonly name = 'DatabaseFault';
}

/** Bytes of a file; all that are asked for, or a DatabaseFault. */
export type ReadBytes = (offset: number, length: number) => DataView;

/** Largest header of one package that is read; that of a kernel has a few megabytes. */
export const headerLimit = 64 * 1024 * 1024;

/**
 * Reads of a file that has to be long enough. Databases are read once, their logs twice: one that leads to the same bytes again and again
 * would keep its reader busy without end.
 */
export function exactReader(file: {readonly size: number; read(offset: number, length: number): Uint8Array}): ReadBytes {
	let budget = 4 * file.size + (1 << 20);
	return (offset, length) => {
		budget -= length;
		if (budget < 0) throw new DatabaseFault('leads to the same bytes again and again');
		const bytes = offset + length > file.size ? new Uint8Array(0) : file.read(offset, length);
		if (bytes.length < length) throw new DatabaseFault(`ends before byte ${offset + length}`);
		return new DataView(bytes.buffer, bytes.byteOffset, length);
	};
}

/** The bytes of a view, not copied. */
export function bytesOfView(view: DataView, start = 0, length = view.byteLength - start): Uint8Array {
	return new Uint8Array(view.buffer, view.byteOffset + start, length);
}
