import {closeSync, openSync, renameSync, rmSync, statSync} from 'node:fs';
import {temporaryName, writeFully} from './atomic-file.ts';

/**
 * Writes a stream to a file (a new one that replaces the old when it is complete), to standard output (`-`), or into what is neither a file
 * nor a directory (a pipe, /dev/null).
 */
export async function writeOutput(destination: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
	if (destination === '-') return writeToStandardOutput(chunks);
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

/** It may be a socket that does not block (whoever starts programs with Node gives them one), which file writes cannot wait for. */
async function writeToStandardOutput(chunks: AsyncIterable<Uint8Array>): Promise<void> {
	// The callback of the write tells errors; without a listener they would end the process as well.
	const ignore = (): void => {};
	process.stdout.on('error', ignore);
	try {
		for await (const chunk of chunks) {
			await new Promise<void>((resolve, reject) => {
				process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
			});
		}
	} finally {
		process.stdout.off('error', ignore);
	}
}
