import {closeSync, mkdirSync, openSync, writeSync} from 'node:fs';

/** The log of one step: everything it printed, unclipped. */
export class StepLog {
	readonly path: string;
	readonly #fd: number;
	#tail = '';
	#failure: unknown;

	constructor(directory: string, name: string) {
		mkdirSync(directory, {recursive: true});
		this.path = `${directory}/${name}.log`;
		this.#fd = openSync(this.path, 'w', 0o600);
	}

	/** Output comes from an event, so a full disk is told by `close`. */
	write(chunk: Uint8Array): void {
		try {
			writeSync(this.#fd, chunk);
		} catch (error) {
			this.#failure ??= error;
		}
		this.#tail = (this.#tail + Buffer.from(chunk.subarray(-8192)).toString()).slice(-16_384);
	}

	/** A line of its own; what `lastLines` gives starts behind it. */
	mark(text: string): void {
		this.write(Buffer.from(`${this.#tail === '' || this.#tail.endsWith('\n') ? '' : '\n'}${text}\n`));
		this.#tail = '';
	}

	lastLines(count: number): string[] {
		return this.#tail
			.trimEnd()
			.split('\n')
			.slice(-count)
			.filter((line, index, lines) => line !== '' || (index > 0 && lines.length > 1));
	}

	close(): void {
		closeSync(this.#fd);
		if (this.#failure !== undefined) throw this.#failure;
	}
}
