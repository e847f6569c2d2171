import {createHash} from 'node:crypto';
import {closeSync, openSync, readSync} from 'node:fs';

const pieceSize = 1 << 20;

interface Range {
	readonly start: number;
	readonly size: number;
	/** Waits until the file is longer than so many bytes, and tells how long it is. */
	readonly longerThan?: (bytes: number) => number;
}

/** SHA-256 of a part of a file, as hex digits. Throws RangeError when the file ends before. */
export function hashRange(path: string, {start, size, longerThan = () => Infinity}: Range): string {
	const piece = Buffer.allocUnsafeSlow(pieceSize);
	const hash = createHash('sha256');
	const fd = openSync(path, 'r');
	try {
		for (let at = start; at < start + size;) {
			const there = Math.min(longerThan(at), start + size) - at;
			const got = readSync(fd, piece, 0, Math.min(there, piece.length), at);
			if (got === 0) throw new RangeError(`${path} ends at ${at}`);
			hash.update(piece.subarray(0, got));
			at += got;
		}
	} finally {
		closeSync(fd);
	}
	return hash.digest('hex');
}
