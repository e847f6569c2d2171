/** Blocks of equal size, but for the last; each has its own memory. */
export async function* inBlocks(input: AsyncIterable<Uint8Array>, blockSize: number): AsyncGenerator<Buffer> {
	let block = Buffer.allocUnsafe(blockSize);
	let filled = 0;
	for await (const chunk of input) {
		for (let at = 0; at < chunk.length;) {
			const length = Math.min(chunk.length - at, blockSize - filled);
			block.set(chunk.subarray(at, at + length), filled);
			at += length;
			filled += length;
			if (filled < blockSize) continue;
			yield block;
			block = Buffer.allocUnsafe(blockSize);
			filled = 0;
		}
	}
	if (filled > 0) yield block.subarray(0, filled);
}

/** Results in the order of the blocks, of at most `concurrency` + 1 jobs at once; a failure waits for the jobs that run. */
export async function* inOrder(
	blocks: AsyncIterable<Buffer>,
	job: (block: Buffer) => Promise<Uint8Array>,
	concurrency: number,
): AsyncGenerator<Uint8Array> {
	const running: Promise<Uint8Array>[] = [];
	try {
		for await (const block of blocks) {
			const result = job(block);
			// It is awaited in its turn; until then, however long the next block takes, its failure is not an unhandled one.
			result.catch(() => {});
			running.push(result);
			if (running.length > concurrency) yield (await running.shift()) as Uint8Array;
		}
		for (let done = running.shift(); done !== undefined; done = running.shift()) yield await done;
	} finally {
		await Promise.allSettled(running);
	}
}
