import {randomFillSync} from 'node:crypto';
import {closeSync, openSync, writeSync} from 'node:fs';

const part = 64 << 20;

/** Writes a file of `size` bytes: the same random 64 MiB again and again, each time with another number at its start. */
export function writeRandom(path, size) {
	const chunk = randomFillSync(Buffer.alloc(Math.min(part, size)));
	const file = openSync(path, 'w');
	try {
		for (let at = 0; at < size; at += part) {
			chunk.writeUInt32LE(at / part);
			writeSync(file, chunk, 0, Math.min(part, size - at));
		}
	} finally {
		closeSync(file);
	}
}
