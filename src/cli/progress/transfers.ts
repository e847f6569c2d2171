import {formatBytes} from '../../core/format-bytes.ts';
import type {Transfer} from '../../executor/build-events.ts';
import {formatDuration} from './step-names.ts';

/** Blobs on their way, as lines. */
export class Transfers {
	readonly #running = new Map<string, {readonly start: number; transfer: Transfer}>();

	/** A line for the log when a blob is complete. */
	take(transfer: Transfer): string | undefined {
		const key = `${transfer.kind} ${transfer.digest}`;
		const known = this.#running.get(key) ?? {start: performance.now(), transfer};
		known.transfer = transfer;
		this.#running.set(key, known);
		if (transfer.bytes < transfer.size) return undefined;
		this.#running.delete(key);
		const time = formatDuration(performance.now() - known.start);
		return `${transfer.kind === 'pull' ? 'pulled' : 'pushed'} ${shortOf(transfer)} ${formatBytes(transfer.size)} in ${time}`;
	}

	/** One line each for what is on its way. */
	lines(): readonly string[] {
		return [...this.#running.values()].map(({transfer}) => {
			const {kind, bytes, size} = transfer;
			return `${kind === 'pull' ? 'pulling' : 'pushing'} ${shortOf(transfer)} ${formatBytes(bytes)} of ${formatBytes(size)}`;
		});
	}
}

/** As much of a digest as people compare. */
function shortOf({digest}: Transfer): string {
	return digest.slice(0, 'sha256:'.length + 12);
}
