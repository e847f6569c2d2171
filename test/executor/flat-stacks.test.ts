import test from 'ava';
import {FlatStacks} from '../../src/executor/worker/flat-stacks.ts';

/** Merged directories are called after the first and the last that they hold. */
function stacks(): {readonly flat: FlatStacks; readonly merges: string[]} {
	const merges: string[] = [];
	const flat = new FlatStacks(async (links) => {
		const name = `(${links[0]}-${links.at(-1)})`;
		merges.push(name);
		return name;
	});
	return {flat, merges};
}

/** So many links, topmost first: 0 is the lowest. */
function numbered(count: number): string[] {
	return Array.from({length: count}, (_, at) => String(count - 1 - at));
}

test('a stack of some layers stays as it is', async (t) => {
	const {flat, merges} = stacks();
	for (const link of numbered(100)) flat.noteAddition(link);
	t.deepEqual(await flat.flatten(numbered(100)), numbered(100));
	t.deepEqual(merges, []);
});

test('of more the additions become one, the same ones for every step above', async (t) => {
	const {flat, merges} = stacks();
	// The base has 10 layers; layer 100 deletes something.
	for (const link of numbered(400)) if (Number(link) >= 10 && link !== '100') flat.noteAddition(link);
	t.deepEqual(await flat.flatten(numbered(101)), [...numbered(101).slice(0, 16), '(84-10)', ...numbered(10)]);
	for (let count = 102; count < 176; count++) t.deepEqual((await flat.flatten(numbered(count))).slice(-11), ['(84-10)', ...numbered(10)]);
	t.deepEqual(merges, ['(84-10)']);
});

test('what deletes something is no part of a merged layer', async (t) => {
	const {flat} = stacks();
	for (const link of numbered(250)) if (link !== '90') flat.noteAddition(link);
	const lowers = await flat.flatten(numbered(250));
	t.deepEqual(lowers.slice(-17), ['90', ...numbered(90).slice(0, 15), '(74-0)']);
	t.deepEqual(lowers.slice(0, -17), [...numbered(250).slice(0, 9), '(240-166)', '(165-91)']);
});

test('of a base of too many layers the oldest become one', async (t) => {
	const {flat, merges} = stacks();
	t.deepEqual(await flat.flatten(numbered(400)), numbered(400));
	t.deepEqual(await flat.flatten(numbered(401)), [...numbered(401).slice(0, 101), '(299-0)']);
	await flat.flatten(numbered(402));
	t.deepEqual(merges, ['(299-0)']);
});

test('everything below a mark that cannot be read becomes one with it', async (t) => {
	const {flat} = stacks();
	flat.noteUnreadable('3');
	t.deepEqual(await flat.flatten(numbered(6)), ['5', '4', '(3-0)']);
});

test('a merge that fails is tried again', async (t) => {
	let fails = true;
	const flat = new FlatStacks(async () => {
		if (fails) throw new Error('no space');
		return 'merged';
	});
	flat.noteUnreadable('0');
	await t.throwsAsync(flat.flatten(['0']), {message: 'no space'});
	fails = false;
	t.deepEqual(await flat.flatten(['0']), ['merged']);
});
