import {setTimeout} from 'node:timers/promises';
import test from 'ava';
import {limit, Slots} from '../../src/executor/limit.ts';

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

test('a place that is left to somebody is free when he has gone, and waits for nobody else', async (t) => {
	const slots = new Slots(1);
	const first = await slots.take();
	const order: string[] = [];
	const waiting = slots.take().then((slot) => {
		order.push('waited');
		slot.release();
	});
	const heir = first.pass();
	t.is(first.pass(), undefined);
	first.release();
	await setTimeout(2);
	t.deepEqual(order, []);
	order.push('heir');
	heir?.release();
	heir?.release();
	await waiting;
	t.deepEqual(order, ['heir', 'waited']);
	t.is(heir?.pass(), undefined);
	const again = await slots.take();
	let isTaken = false;
	void slots.take().then(() => (isTaken = true));
	await setTimeout(2);
	t.false(isTaken);
	again.release();
});
