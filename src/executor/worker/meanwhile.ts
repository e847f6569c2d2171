/** Milliseconds in which the next step comes, if one comes at all; whoever waits for what waits here says so. */
const usualPatience = 10;

/** Work of this thread that can wait until it has nothing else to do, because a step starts or runs; without one it waits a moment only. */
export class Meanwhile {
	readonly #whileStarting: (() => void)[] = [];
	readonly #whileRunning: (() => void)[] = [];
	readonly #left = new Set<Promise<void>>();
	readonly #patience: number;
	#timer: NodeJS.Timeout | undefined;

	/** Without a step work waits for so many milliseconds. */
	constructor(patience = usualPatience) {
		this.#patience = patience;
	}

	/** Resolves when there is time: a step runs, which takes a while and asks for nothing. */
	turn(): Promise<void> {
		return this.#wait(this.#whileRunning);
	}

	/** Resolves when there is time for about a millisecond. */
	lull(): Promise<void> {
		return this.#wait(this.#whileStarting);
	}

	/** Does something of about a millisecond when there is time, or when the build ends; what fails then is left to the end. */
	later(work: () => Promise<void>): void {
		const done = this.lull().then(work);
		const settled = done.catch(() => {}).then(() => void this.#left.delete(settled));
		this.#left.add(settled);
	}

	/** Does all that is left. */
	async finish(): Promise<void> {
		this.take();
		await Promise.all(this.#left);
	}

	/** To be called when the first process of a step has just been started. */
	starting(): void {
		for (const resolve of this.#whileStarting.splice(0)) resolve();
	}

	/** To be called when a step needs nothing any more, or when somebody waits for what waits here. */
	take(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.starting();
		for (const resolve of this.#whileRunning.splice(0)) resolve();
	}

	#wait(queue: (() => void)[]): Promise<void> {
		return new Promise((resolve) => {
			queue.push(resolve);
			this.#timer ??= setTimeout(() => this.take(), this.#patience);
		});
	}
}
