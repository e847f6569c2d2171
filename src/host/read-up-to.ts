import {readSync} from 'node:fs';

/** The next bytes of a file, at most so many; fewer only at its end. */
export function readUpTo(fd: number, most: number): Buffer {
	const chunks: Buffer[] = [];
	for (let left = most; left > 0;) {
		const chunk = Buffer.allocUnsafe(Math.min(left, 1 << 16));
		const length = readSync(fd, chunk, 0, chunk.length, null);
		if (length === 0) break;
		chunks.push(chunk.subarray(0, length));
		left -= length;
	}
	return Buffer.concat(chunks);
}
