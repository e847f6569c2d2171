import {closeSync, mkdirSync, openSync, writeSync} from 'node:fs';

/** The log of one step: everything it printed, unclipped. */
export class StepLog {
	readonly path: string;
	readonly #fd: number;
	#tail = '';

	constructor(directory: string, name: string) {
		mkdirSync(directory, {recursive: true});
		this.path = `${directory}/${name}.log`;
		this.#fd = openSync(this.path, 'w', 0o600);
	}

	write(chunk: Uint8Array): void {
		writeSync(this.#fd, chunk);
		this.#tail = (this.#tail + Buffer.from(chunk.subarray(-8192)).toString()).slice(-16_384);
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
	}
}
