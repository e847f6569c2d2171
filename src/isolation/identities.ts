import {closeSync, openSync, readSync, writeFileSync} from 'node:fs';
import {type Credentials, allAs} from './credentials.ts';

/**
 * The timer slack of a thread in nanoseconds (prctl(2), PR_SET_TIMERSLACK) carries the number of its identity: threads, children and new
 * programs inherit it, the builder can write it (proc_pid_timerslack_ns(5)), and so much more of it changes nothing that can be measured.
 */
export const firstSlack = 50_000;

/** Who the threads of a step are. The kernel knows one user, so what set*id calls make of a thread is noted here. */
export class Identities {
	/** By number; 0 is root as which every step starts. */
	readonly #known: Credentials[];
	readonly #numbers = new Map<string, number>();

	/** `groups`: root's supplementary groups. */
	constructor(groups: readonly number[]) {
		const root: Credentials = {user: allAs(0), group: allAs(0), groups: [...groups].sort((a, b) => a - b)};
		this.#known = [root];
		this.#numbers.set(JSON.stringify(root), 0);
	}

	/** Who a thread is that waits for an answer. One that has changed its timer slack itself is root again. */
	of(thread: number): Credentials {
		const [root] = this.#known;
		if (root === undefined) throw new RangeError('there is no root');
		// Until something changes there is nobody else, which saves most steps the look.
		return this.#known.length === 1 ? root : (this.#known[this.#numberOf(thread)] ?? root);
	}

	/** Makes a thread that waits for an answer somebody. `isWaiting` is asked at the last moment: its number may be another's by now. */
	become(thread: number, credentials: Credentials, isWaiting: () => boolean): void {
		const key = JSON.stringify(credentials);
		let number = this.#numbers.get(key);
		if (number === undefined) {
			number = this.#known.length;
			this.#known.push(credentials);
			this.#numbers.set(key, number);
		}
		if (this.#known.length > 1 && this.#numberOf(thread) !== number && isWaiting())
			writeFileSync(slackOf(thread), String(firstSlack + number));
	}

	#numberOf(thread: number): number {
		const file = openSync(slackOf(thread), 'r');
		const length = readSync(file, digits, 0, digits.length, 0);
		closeSync(file);
		const number = Number(digits.toString('latin1', 0, length)) - firstSlack;
		return number in this.#known ? number : 0;
	}
}

/** A 64-bit number and a line feed; the file is read for almost every call, and readFileSync would take three times as long. */
const digits = Buffer.alloc(32);

function slackOf(thread: number): string {
	return `/proc/${thread}/timerslack_ns`;
}
