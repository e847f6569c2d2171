import {Worker} from 'node:worker_threads';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {FileTask, FromThread, ResultOf, TaskOf} from './file-thread-protocol.ts';

interface Waiting {
	resolve(result: unknown): void;
	reject(error: unknown): void;
}

/** One thread and the tasks it was given; it does them in order. */
export class FileThread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#count = 0;

	constructor(program: URL) {
		this.#worker = new Worker(program);
		this.#worker.unref();
		this.#worker.on('message', (message: FromThread) => this.#receive(message));
		this.#worker.on('error', (error) => {
			for (const {reject} of this.#waiting.values()) reject(error);
			this.#waiting.clear();
		});
	}

	get load(): number {
		return this.#waiting.size;
	}

	run<T extends FileTask>(name: T, task: TaskOf<T>): Promise<ResultOf<T>> {
		const id = this.#count++;
		return new Promise<unknown>((resolve, reject) => {
			this.#waiting.set(id, {resolve, reject});
			this.#worker.ref();
			this.#worker.postMessage({id, name, task});
		}) as Promise<ResultOf<T>>;
	}

	#receive(message: FromThread): void {
		const waiting = this.#waiting.get(message.id);
		this.#waiting.delete(message.id);
		if (this.#waiting.size === 0) this.#worker.unref();
		if ('result' in message) waiting?.resolve(message.result);
		else if ('diagnostics' in message) waiting?.reject(new BuildError(message.diagnostics));
		else waiting?.reject(Object.assign(new Error(message.bug), {code: message.errno}));
	}
}

/** Threads for work with files; a task goes to the one with the fewest waiting. */
export class FilePool {
	readonly #threads: readonly FileThread[];

	constructor(program: URL, size: number) {
		this.#threads = Array.from({length: size}, () => new FileThread(program));
	}

	idlest(): FileThread {
		return this.#threads.reduce((best, thread) => (thread.load < best.load ? thread : best));
	}
}
