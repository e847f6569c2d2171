import {createReadStream} from 'node:fs';
import {decompress} from '../../host/decompress.ts';

/** Whether a file is a tar archive, compressed or not, by its first block (magic `ustar` at 257, POSIX.1-2017 pax). */
export async function isArchive(path: Buffer): Promise<boolean> {
	const head: Uint8Array[] = [];
	let size = 0;
	try {
		for await (const chunk of decompress(createReadStream(path))) {
			head.push(chunk);
			size += chunk.length;
			if (size >= 512) break;
		}
	} catch {
		// Not what its first bytes promised: it is copied as it is.
		return false;
	}
	return Buffer.concat(head).toString('latin1', 257, 262) === 'ustar';
}
