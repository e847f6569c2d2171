import {Worker} from 'node:worker_threads';
import {BuildError} from '../../diagnostics/build-error.ts';
import {fileTasks} from './file-tasks.ts';
import type {FileTask, FromThread, ResultOf, TaskOf} from './file-thread-protocol.ts';

interface Waiting {
	resolve(result: unknown): void;
	reject(error: unknown): void;
}

/** Whoever does work with files. */
export interface FileWorker {
	run<T extends FileTask>(name: T, task: TaskOf<T>): Promise<ResultOf<T>>;
}

/** One thread and the tasks it was given; it does them in order. */
class FileThread implements FileWorker {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	#count = 0;
	#failure: Error | undefined;

	constructor(program: URL) {
		this.#worker = new Worker(program);
		this.#worker.unref();
		this.#worker.on('message', (message: FromThread) => this.#receive(message));
		this.#worker.on('error', (error) => {
			this.#failure = error;
			for (const {reject} of this.#waiting.values()) reject(error);
			this.#waiting.clear();
		});
	}

	get hasFailed(): boolean {
		return this.#failure !== undefined;
	}

	get load(): number {
		return this.#waiting.size;
	}

	run<T extends FileTask>(name: T, task: TaskOf<T>): Promise<ResultOf<T>> {
		if (this.#failure !== undefined) return Promise.reject(this.#failure);
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

/** The same work in the calling thread: for what takes less time than a thread needs to start (about 30 ms). */
export class LocalFiles implements FileWorker {
	readonly #tasks = fileTasks();

	async run<T extends FileTask>(name: T, task: TaskOf<T>): Promise<ResultOf<T>> {
		return this.#tasks[name](task);
	}
}

/** Workers for files; a task goes to the thread with the fewest waiting, threads start when they are first needed. */
export class FilePool {
	readonly local: FileWorker = new LocalFiles();
	readonly #program: URL;
	readonly #size: number;
	#threads: FileThread[] = [];

	constructor(program: URL, size: number) {
		this.#program = program;
		this.#size = size;
	}

	idlest(): FileWorker {
		this.#threads = this.#threads.filter(({hasFailed}) => !hasFailed);
		const best = this.#threads.reduce<FileThread | undefined>(
			(found, thread) => (found === undefined || thread.load < found.load ? thread : found),
			undefined,
		);
		if (best !== undefined && (best.load === 0 || this.#threads.length === this.#size)) return best;
		const thread = new FileThread(this.#program);
		this.#threads.push(thread);
		return thread;
	}
}
