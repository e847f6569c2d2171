/** Milliseconds in which the next step comes, if one comes at all. */
const patience = 2;

/** Work of this thread that can wait until a step runs, when the thread has nothing else to do; without one it waits a moment only. */
export class Meanwhile {
	readonly #waiting: (() => void)[] = [];
	readonly #begun = new Set<Promise<void>>();
	#timer: NodeJS.Timeout | undefined;

	/** Resolves when there is time. */
	turn(): Promise<void> {
		return new Promise((resolve) => {
			this.#waiting.push(resolve);
			this.#timer ??= setTimeout(() => this.take(), patience);
		});
	}

	/** Does something when there is time; whether it works is of no interest. */
	begin(work: () => Promise<void>): void {
		const done = this.turn()
			.then(work)
			.catch(() => {});
		this.#begun.add(done);
		void done.then(() => this.#begun.delete(done));
	}

	/** Resolves when everything that was begun is done. */
	async settle(): Promise<void> {
		this.take();
		await Promise.all(this.#begun);
	}

	/** To be called when a step has just been started. */
	take(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}
