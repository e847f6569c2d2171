import {writeSync} from 'node:fs';
import type {Terminal} from './command.ts';

/** Standard output and error of a process; writes are synchronous, so that nothing is lost when it exits. */
export function makeTerminal({env, stderr}: Pick<NodeJS.Process, 'env' | 'stderr'>): Terminal {
	const isTerminal = stderr.isTTY === true && env['TERM'] !== 'dumb';
	return {
		out: (text) => write(1, text),
		err: (text) => write(2, text),
		// A terminal that does not know its width says 0.
		columns: isTerminal ? (stderr.columns >= 20 ? stderr.columns : 80) : undefined,
		colour: env['NO_COLOR'] === undefined && (isTerminal || env['FORCE_COLOR'] !== undefined),
	};
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
