import {fstatSync, writeSync} from 'node:fs';
import type {Terminal} from './command.ts';

/** Standard output and error of a process; writes are synchronous, so that nothing is lost when it exits. */
export function makeTerminal(process: Pick<NodeJS.Process, 'env' | 'stderr'>): Terminal {
	const {env} = process;
	const isTerminal = env['TERM'] !== 'dumb' && isCharacterDevice(2) && process.stderr.isTTY === true;
	return {
		out: (text) => write(1, text),
		err: (text) => write(2, text),
		// A terminal that does not know its width says 0.
		columns: isTerminal ? (process.stderr.columns >= 20 ? process.stderr.columns : 80) : undefined,
		colour: env['NO_COLOR'] === undefined && (isTerminal || env['FORCE_COLOR'] !== undefined),
	};
}

/** What no terminal is needs no stream: those of Node take 4 ms to load. */
function isCharacterDevice(fd: number): boolean {
	try {
		return fstatSync(fd).isCharacterDevice();
	} catch {
		return false;
	}
}

function write(fd: number, text: string): void {
	const bytes = Buffer.from(text);
	for (let written = 0; written < bytes.length;) {
		try {
			written += writeSync(fd, bytes, written);
		} catch (error) {
			const {code} = error as NodeJS.ErrnoException;
			// A full pipe that is not ours to block; a reader that went away has had what it wanted.
			if (code === 'EPIPE') return;
			if (code !== 'EAGAIN') throw error;
			Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
		}
	}
}
