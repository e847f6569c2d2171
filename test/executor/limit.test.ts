import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {limit} from '../../src/executor/limit.ts';

test('no more than the given number run at the same time, in order', async (t) => {
	const limited = limit(2);
	let running = 0;
	let most = 0;
	const started: number[] = [];
	await Promise.all(
		[0, 1, 2, 3, 4].map((index) =>
			limited(async () => {
				started.push(index);
				running += 1;
				most = Math.max(most, running);
				await setTimeout(2);
				running -= 1;
			}),
		),
	);
	t.is(most, 2);
	t.deepEqual(started, [0, 1, 2, 3, 4]);
});

test('work that fails frees its place', async (t) => {
	const limited = limit(1);
	await t.throwsAsync(limited(async () => Promise.reject(new Error('no'))));
	t.is(await limited(async () => 'yes'), 'yes');
});
