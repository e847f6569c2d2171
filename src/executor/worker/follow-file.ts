import {closeSync, fstatSync, openSync, readSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';

/** Whoever wrote the file gave it up. */
export class FileGone extends Error {
	override readonly name = 'FileGone';
}

const chunkSize = 1 << 20;
/** Milliseconds between two looks at a file that does not grow. */
const pause = {least: 1, most: 20} as const;

/**
 * The bytes of a file that somebody is writing, as they come, until there are `size` of them. Throws FileGone when it is deleted before, or given up:
 * then `givenUp`, which the writer's side shares, is not 0.
 */
export async function* followFile(path: string, size: number, givenUp: Int32Array = new Int32Array(1)): AsyncGenerator<Uint8Array> {
	const fd = openSync(path, 'r');
	try {
		let wait: number = pause.least;
		for (let at = 0; at < size;) {
			const chunk = Buffer.allocUnsafe(Math.min(chunkSize, size - at));
			const length = readSync(fd, chunk, 0, chunk.length, at);
			at += length;
			if (length > 0) {
				wait = pause.least;
				yield chunk.subarray(0, length);
				continue;
			}
			if (fstatSync(fd).nlink === 0 || Atomics.load(givenUp, 0) !== 0) throw new FileGone();
			await setTimeout(wait);
			wait = Math.min(wait * 2, pause.most);
		}
	} finally {
		closeSync(fd);
	}
}
