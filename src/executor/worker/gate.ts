/** Lets any number of readers in, or one writer alone; writers wait for the readers before them. */
export class Gate {
	#readers = 0;
	#writing = false;
	readonly #waiting: {readonly writer: boolean; readonly enter: () => void}[] = [];

	/** Resolves when reading may start; call the result when it is over (a second call does nothing). */
	read(): Promise<() => void> {
		return this.#enter(false);
	}

	async write<T>(work: () => Promise<T>): Promise<T> {
		const leave = await this.#enter(true);
		try {
			return await work();
		} finally {
			leave();
		}
	}

	#enter(writer: boolean): Promise<() => void> {
		return new Promise((resolve) => {
			let inside = true;
			const leave = (): void => {
				if (inside) this.#leave(writer);
				inside = false;
			};
			this.#waiting.push({writer, enter: () => resolve(leave)});
			this.#admit();
		});
	}

	#leave(writer: boolean): void {
		if (writer) this.#writing = false;
		else this.#readers -= 1;
		this.#admit();
	}

	#admit(): void {
		for (let next = this.#waiting[0]; next !== undefined && !this.#writing; next = this.#waiting[0]) {
			if (next.writer && this.#readers > 0) return;
			this.#waiting.shift();
			if (next.writer) this.#writing = true;
			else this.#readers += 1;
			next.enter();
		}
	}
}
