import {createHash} from 'node:crypto';
import type {DiffId} from '../../core/digest.ts';

export interface HashingStream {
	/** The same bytes; read by somebody who may stop before their end. */
	readonly stream: AsyncIterable<Uint8Array>;
	/** Reads what is left and gives the diffID and size of everything. */
	finish(): Promise<{readonly diffId: DiffId; readonly size: number}>;
}

/** Hashes a tar while somebody unpacks it; a tar's end is found before the end of its stream, so the rest is read afterwards. */
export function hashingStream(input: AsyncIterable<Uint8Array>): HashingStream {
	const hash = createHash('sha256');
	const source = input[Symbol.asyncIterator]();
	let size = 0;
	const next = async (): Promise<IteratorResult<Uint8Array>> => {
		const result = await source.next();
		if (result.done !== true) {
			hash.update(result.value);
			size += result.value.length;
		}
		return result;
	};
	return {
		stream: {[Symbol.asyncIterator]: () => ({next})},
		async finish() {
			while ((await next()).done !== true);
			return {diffId: `sha256:${hash.digest('hex')}` as DiffId, size};
		},
	};
}
