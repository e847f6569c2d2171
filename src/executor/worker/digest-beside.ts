import {Worker} from 'node:worker_threads';
import type {Digest} from '../../core/digest.ts';
import {hashRange} from './hash-range.ts';

/** Bytes from which a second digest is worth a thread of its own: it takes as long to start as 40 MB to hash. */
export const leastBeside = 64 << 20;

/** Milliseconds in which a thread begins, if it can be started at all. */
const patience = 2000;

/** What the thread is told, and where it answers. */
export interface BesideTask {
	readonly path: string;
	readonly start: number;
	readonly size: number;
	/** How far the file is written, in bytes; -1 when nobody wants the digest any more. */
	readonly written: BigInt64Array<SharedArrayBuffer>;
	/** One of `besideStates`. */
	readonly state: Int32Array<SharedArrayBuffer>;
	/** Hex digits of the digest. */
	readonly answer: Uint8Array<SharedArrayBuffer>;
}

export const besideStates = {starting: 0, running: 1, done: 2, failed: 3} as const;

/**
 * The digest of a part of a file that is being written, taken by another thread that reads behind the writer. The calling thread may be one
 * that never comes to its event loop.
 */
export class DigestBeside {
	readonly #task: BesideTask;

	/** `written` is how far the file is there already. */
	constructor(path: string, {start, size, written}: {readonly start: number; readonly size: number; readonly written: number}) {
		this.#task = {
			path,
			start,
			size,
			written: new BigInt64Array(new SharedArrayBuffer(8)),
			state: new Int32Array(new SharedArrayBuffer(4)),
			answer: new Uint8Array(new SharedArrayBuffer(64)),
		};
		this.wrote(written);
		const thread = new Worker(new URL('./digest-thread.cjs', import.meta.url), {workerData: this.#task});
		thread.unref();
		// One that cannot start is noticed by `end`.
		thread.on('error', () => {});
	}

	/** The file is there up to this byte. */
	wrote(end: number): void {
		Atomics.store(this.#task.written, 0, BigInt(end));
		Atomics.notify(this.#task.written, 0);
	}

	/** Waits for the digest; everything must have been written. Throws what reading the file throws. */
	end(): Digest {
		const {path, start, size, state, answer} = this.#task;
		Atomics.wait(state, 0, besideStates.starting, patience);
		Atomics.wait(state, 0, besideStates.running);
		if (Atomics.load(state, 0) === besideStates.done) return `sha256:${Buffer.from(answer).toString('latin1')}` as Digest;
		this.giveUp();
		return `sha256:${hashRange(path, {start, size})}` as Digest;
	}

	/** The thread ends without a digest. */
	giveUp(): void {
		this.wrote(-1);
	}
}
