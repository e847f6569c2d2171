import {writeSync} from 'node:fs';
import {Worker} from 'node:worker_threads';
import {openEvent} from '../host/poll.ts';
import type {OwnerRules} from './owner-answers.ts';
import type {FromOwnerThread, ToOwnerThread} from './owner-thread-protocol.ts';

/** The thread that answers calls about ids for all steps; it starts with the first of them. */
export class OwnerService {
	readonly #program: URL;
	readonly #waiting = new Map<number, {resolve(): void; reject(error: unknown): void}>();
	#started: {readonly thread: Worker; readonly wake: number} | undefined;
	#count = 0;

	/** `program` is owner-thread.ts as it is bundled. */
	constructor(program: URL) {
		this.#program = program;
	}

	/** Answers for a step until it ends, and takes over its listener. */
	answer(listener: number, rules: OwnerRules): Promise<void> {
		const {thread, wake} = (this.#started ??= this.#start());
		const step = this.#count++;
		thread.ref();
		thread.postMessage({step, listener, rules, wake} satisfies ToOwnerThread);
		writeSync(wake, one);
		return new Promise((resolve, reject) => {
			this.#waiting.set(step, {resolve, reject});
		});
	}

	#start(): {readonly thread: Worker; readonly wake: number} {
		const thread = new Worker(this.#program);
		thread.on('message', ({step}: FromOwnerThread) => {
			this.#waiting.get(step)?.resolve();
			this.#waiting.delete(step);
			if (this.#waiting.size === 0) thread.unref();
		});
		thread.on('error', (error) => {
			for (const {reject} of this.#waiting.values()) reject(error);
			this.#waiting.clear();
			this.#started = undefined;
		});
		return {thread, wake: openEvent()};
	}
}

/** What an eventfd takes: 64 bits. */
const one = Buffer.alloc(8);
one.writeBigUInt64LE(1n);
