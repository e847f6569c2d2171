import {closeSync, writeSync} from 'node:fs';
import {Worker} from 'node:worker_threads';
import {openEvent, pollReadable} from '../host/poll.ts';
import type {OwnerRules} from './owner-answers.ts';
import type {FromOwnerThread, ToOwnerThread} from './owner-thread-protocol.ts';
import type {AnsweredCalls} from './step-spec.ts';

/** Milliseconds that the first call about ids beyond the mapped ones may wait: most steps make none, and a thread takes 50 ms to start. */
const patience = 15;

interface Answered {
	readonly rules: OwnerRules;
	/** Called when nobody answers any more. */
	readonly failed: (error: unknown) => void;
}

/** Answers calls about ids for all steps, in a thread that starts with the first that needs one. */
export class OwnerService {
	readonly #program: URL;
	/** By number of the step. */
	readonly #answered = new Map<number, Answered>();
	/** Steps that have not asked yet, by listener. */
	readonly #quiet = new Map<number, Answered>();
	#watch: NodeJS.Timeout | undefined;
	#started: {readonly thread: Worker; readonly wake: number} | undefined;
	#count = 0;

	/** `program` is owner-thread.ts as it is bundled. */
	constructor(program: URL) {
		this.#program = program;
	}

	/** Answers for a step as long as it runs, and takes over its listener. `end` is for when it has ended. */
	answer(listener: number, {which, rules}: AnsweredCalls, failed: (error: unknown) => void): {readonly end: () => void} {
		if (which === 'every-id') this.#hand(listener, {rules, failed});
		else {
			this.#quiet.set(listener, {rules, failed});
			this.#watch ??= setInterval(() => this.#look(), patience);
		}
		return {
			end: () => {
				if (this.#quiet.has(listener)) closeSync(listener);
				this.#forget(listener);
			},
		};
	}

	/** Hands steps over that have asked. */
	#look(): void {
		for (const listener of pollReadable([...this.#quiet.keys()], 0).readable) {
			const answered = this.#quiet.get(listener);
			this.#forget(listener);
			if (answered !== undefined) this.#hand(listener, answered);
		}
	}

	#forget(listener: number): void {
		this.#quiet.delete(listener);
		if (this.#quiet.size > 0) return;
		clearInterval(this.#watch);
		this.#watch = undefined;
	}

	#hand(listener: number, answered: Answered): void {
		const {thread, wake} = (this.#started ??= this.#start());
		const step = this.#count++;
		this.#answered.set(step, answered);
		thread.ref();
		thread.postMessage({step, listener, rules: answered.rules, wake} satisfies ToOwnerThread);
		writeSync(wake, one);
	}

	#start(): {readonly thread: Worker; readonly wake: number} {
		const thread = new Worker(this.#program);
		thread.on('message', ({step}: FromOwnerThread) => {
			this.#answered.delete(step);
			if (this.#answered.size === 0) thread.unref();
		});
		thread.on('error', (error) => {
			for (const {failed} of this.#answered.values()) failed(error);
			this.#answered.clear();
			this.#started = undefined;
		});
		return {thread, wake: openEvent()};
	}
}

/** What an eventfd takes: 64 bits. */
const one = Buffer.alloc(8);
one.writeBigUInt64LE(1n);
