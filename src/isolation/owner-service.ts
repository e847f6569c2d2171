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
	readonly listener: number;
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
		const answered = {rules, failed, listener};
		if (which === 'every-id') this.#hand(answered);
		else {
			this.#quiet.set(listener, answered);
			this.#watch ??= setInterval(() => this.#look(), patience);
		}
		return {
			end: () => {
				// The thread closes one that was handed over; its number may be another step's by now.
				if (this.#quiet.get(listener) !== answered) return;
				closeSync(listener);
				this.#forget(listener);
			},
		};
	}

	/** Hands steps over that have asked. */
	#look(): void {
		for (const listener of pollReadable([...this.#quiet.keys()], 0).readable) {
			const answered = this.#quiet.get(listener);
			this.#forget(listener);
			if (answered !== undefined) this.#hand(answered);
		}
	}

	#forget(listener: number): void {
		this.#quiet.delete(listener);
		if (this.#quiet.size > 0) return;
		clearInterval(this.#watch);
		this.#watch = undefined;
	}

	#hand(answered: Answered): void {
		const {thread, wake} = (this.#started ??= this.#start());
		const step = this.#count++;
		this.#answered.set(step, answered);
		thread.ref();
		const {listener, rules} = answered;
		thread.postMessage({step, listener, rules, wake} satisfies ToOwnerThread);
		writeSync(wake, one);
	}

	#start(): {readonly thread: Worker; readonly wake: number} {
		const thread = new Worker(this.#program);
		const wake = openEvent();
		thread.on('message', ({step}: FromOwnerThread) => {
			this.#answered.delete(step);
			if (this.#answered.size === 0) thread.unref();
		});
		thread.on('error', (error) => {
			for (const {failed, listener} of this.#answered.values()) {
				failed(error);
				// Whoever waits for an answer gets an error.
				closeSync(listener);
			}
			closeSync(wake);
			this.#answered.clear();
			this.#started = undefined;
		});
		return {thread, wake};
	}
}

/** What an eventfd takes: 64 bits. */
const one = Buffer.alloc(8);
one.writeBigUInt64LE(1n);
