import {gzipBlocks} from './gzip-blocks.ts';

/** Compresses a stream with all threads of the pool; the bytes do not depend on their number. */
export async function* compress(
	input: AsyncIterable<Uint8Array>,
	format: 'none' | 'gzip' | 'zstd',
	level: number,
): AsyncGenerator<Uint8Array> {
	if (format === 'none') yield* input;
	else if (format === 'gzip') yield* gzipBlocks(input, level);
	else yield* (await import('./zstd-frames.ts')).zstdFrames(input, level);
}
