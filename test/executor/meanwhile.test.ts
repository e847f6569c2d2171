import test from 'ava';
import {Meanwhile} from '../../src/executor/worker/meanwhile.ts';

/** Whether a promise has resolved. */
function watch(work: Promise<void>): () => boolean {
	let done = false;
	void work.then(() => {
		done = true;
	});
	return () => done;
}

/** Longer than any test takes, however busy the machine is. */
const patience = 600_000;
const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('short work is done while a step starts, long work when it runs', async (t) => {
	const meanwhile = new Meanwhile(patience);
	const [short, long] = [watch(meanwhile.lull()), watch(meanwhile.turn())];
	await tick();
	t.false(short());
	meanwhile.starting();
	await tick();
	t.true(short());
	t.false(long());
	meanwhile.take();
	await tick();
	t.true(long());
});

test('without a step work is done after a moment', async (t) => {
	const meanwhile = new Meanwhile();
	await Promise.all([meanwhile.turn(), meanwhile.lull()]);
	meanwhile.take();
	await meanwhile.turn();
	t.pass();
});

test('what is left for later is done at the end at the latest, and what fails of it harms nothing', async (t) => {
	const meanwhile = new Meanwhile(patience);
	const done: string[] = [];
	meanwhile.later(async () => void done.push('one'));
	meanwhile.later(async () => Promise.reject(new Error('busy')));
	await tick();
	t.deepEqual(done, []);
	meanwhile.starting();
	await tick();
	t.deepEqual(done, ['one']);
	meanwhile.later(async () => {
		await tick();
		done.push('two');
	});
	await meanwhile.finish();
	t.deepEqual(done, ['one', 'two']);
	await meanwhile.finish();
});
