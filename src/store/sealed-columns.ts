import {hash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {deserialize, serialize} from 'node:v8';
import {writeFileAtomic} from '../host/atomic-file.ts';

/** What is written: long strings and typed arrays, which need no parsing. */
export interface Columns {
	readonly version: number;
}

const digestLength = 32;

/** Writes long columns with their digest, so that a damaged file is known as such. Not synced: damage is a miss. */
export function writeSealedColumns(path: string, columns: Columns): void {
	const bytes = serialize(columns);
	writeFileAtomic(path, Buffer.concat([hash('sha256', bytes, 'buffer'), bytes]), {sync: false});
}

/** What was written with this version; undefined when the file is missing, unreadable, cut or changed. */
export function readSealedColumns<C extends Columns>(path: string, version: C['version']): C | undefined {
	let file: Buffer;
	try {
		file = readFileSync(path);
	} catch {
		return undefined;
	}
	const bytes = file.subarray(digestLength);
	if (!hash('sha256', bytes, 'buffer').equals(file.subarray(0, digestLength))) return undefined;
	try {
		const columns = deserialize(bytes) as C;
		return columns.version === version ? columns : undefined;
	} catch {
		// A newer V8 wrote it.
		return undefined;
	}
}
