/** Milliseconds in which the next step comes, if one comes at all. */
const patience = 2;

/** Work of this thread that can wait until a step runs, when the thread has nothing else to do; without one it waits a moment only. */
export class Meanwhile {
	readonly #waiting: (() => void)[] = [];
	#timer: NodeJS.Timeout | undefined;

	/** Resolves when there is time. */
	turn(): Promise<void> {
		return new Promise((resolve) => {
			this.#waiting.push(resolve);
			this.#timer ??= setTimeout(() => this.take(), patience);
		});
	}

	/** To be called when a step has just been started. */
	take(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		for (const resolve of this.#waiting.splice(0)) resolve();
	}
}
