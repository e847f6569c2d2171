import {closeSync, createWriteStream, openSync, renameSync, rmSync, statSync} from 'node:fs';
import {pipeline} from 'node:stream/promises';
import {temporaryName, writeFully} from './atomic-file.ts';

/**
 * Writes a stream to a file (a new one that replaces the old when it is complete), to standard output (`-`), or into what is neither a file
 * nor a directory (a pipe, /dev/null).
 */
export async function writeOutput(destination: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
	if (destination === '-') return pipeline(chunks, createWriteStream('', {fd: 1, autoClose: false}));
	const found = statSync(destination, {throwIfNoEntry: false});
	if (found !== undefined && !found.isFile()) {
		const fd = openSync(destination, 'w');
		return writeAll(fd, chunks);
	}
	const temporary = temporaryName(destination);
	try {
		await writeAll(openSync(temporary, 'wx'), chunks);
		renameSync(temporary, destination);
	} catch (error) {
		rmSync(temporary, {force: true});
		throw error;
	}
}

async function writeAll(fd: number, chunks: AsyncIterable<Uint8Array>): Promise<void> {
	try {
		for await (const chunk of chunks) writeFully(fd, chunk);
	} finally {
		closeSync(fd);
	}
}
