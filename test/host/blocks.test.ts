import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {inBlocks, inOrder} from '../../src/host/blocks.ts';

test('a failure while the next block takes its time is thrown in its turn', async (t) => {
	async function* slow(): AsyncGenerator<Buffer> {
		yield Buffer.from('a');
		// Long enough for a promise that nobody handles to be noticed, which ends the process.
		await setTimeout(50);
		yield Buffer.from('b');
	}
	const results: Uint8Array[] = [];
	const run = async (): Promise<void> => {
		for await (const result of inOrder(slow(), async () => Promise.reject(new RangeError('no')), 4)) results.push(result);
	};
	await t.throwsAsync(run, {instanceOf: RangeError, message: 'no'});
	t.deepEqual(results, []);
});

test('results come in the order of the blocks, whichever is done first', async (t) => {
	const input = async function* (): AsyncGenerator<Uint8Array> {
		yield Buffer.from('abc');
		yield Buffer.from('defg');
	};
	const found: string[] = [];
	const job = async (block: Buffer): Promise<Uint8Array> => {
		await setTimeout(block.toString() === 'ab' ? 30 : 1);
		return block;
	};
	for await (const block of inOrder(inBlocks(input(), 2), job, 2)) found.push(Buffer.from(block).toString());
	t.deepEqual(found, ['ab', 'cd', 'ef', 'g']);
});
