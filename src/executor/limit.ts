/** The right to do one piece of work. */
export interface Slot {
	/** A second call does nothing. */
	release(): void;
	/** The same right for the work that follows this one, without anybody between; undefined when it is released or left to somebody already. */
	pass(): Slot | undefined;
}

/** As many rights as pieces of work may go on at the same time; whoever waits gets one in the order of asking. */
export class Slots {
	readonly #waiting: ((slot: Slot) => void)[] = [];
	#free: number;

	constructor(count: number) {
		this.#free = count;
	}

	take(): Promise<Slot> {
		return new Promise((resolve) => {
			this.#waiting.push(resolve);
			this.#give();
		});
	}

	#give(): void {
		if (this.#free === 0) return;
		const next = this.#waiting.shift();
		if (next === undefined) return;
		this.#free -= 1;
		next(this.#slot());
	}

	#slot(): Slot {
		let state: 'held' | 'passed' | 'over' = 'held';
		return {
			release: () => {
				const isFree = state === 'held';
				state = 'over';
				if (!isFree) return;
				this.#free += 1;
				this.#give();
			},
			pass: () => {
				if (state !== 'held') return undefined;
				state = 'passed';
				return this.#slot();
			},
		};
	}
}

/** Lets at most `count` pieces of work run at the same time, in the order they were given. */
export function limit(count: number): <T>(work: () => Promise<T>) => Promise<T> {
	const slots = new Slots(count);
	return async (work) => {
		const slot = await slots.take();
		try {
			return await work();
		} finally {
			slot.release();
		}
	};
}
