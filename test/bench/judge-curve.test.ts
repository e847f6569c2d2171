import {join} from 'node:path';
import test from 'ava';
import {topFolder} from '../support/top.ts';

interface Judgement {
	readonly ratio: number | undefined;
	readonly holds: boolean | undefined;
}

const {judgeCurve} = (await import(join(topFolder(), 'test/bench/judge-curve.mjs'))) as {
	judgeCurve: (points: readonly object[], curve: object) => {verdict?: {seconds: Judgement; cpu: Judgement}; marginal: readonly object[]};
};
const sizes = [1, 50, 100, 250, 500];

test('what grows with the work is linear, whatever it costs to begin', (t) => {
	t.deepEqual(
		judge((size) => 3 + size / 8),
		{ratio: 1, holds: true},
	);
	t.is(judge((size) => 3 + (size * Math.log2(size + 1)) / 100)?.holds, true);
});

test('what grows with the square of the work is not linear', (t) => {
	const found = judge((size) => 3 + size ** 2 / 1000);
	t.false(found?.holds);
	t.true((found?.ratio ?? 0) > 2.9);
});

test('what begins to grow only at large sizes is not linear', (t) => {
	t.false(judge((size) => (size <= 250 ? 1 : 2))?.holds);
});

test('growth within the noise counts as none', (t) => {
	t.true(judge((size) => (size === 500 ? 1.05 : 1))?.holds);
});

test('more work that takes less time is no verdict', (t) => {
	t.is(judge((size) => (size === 500 ? 1 : size))?.holds, undefined);
});

test('flat is what never costs much more than at a smaller size', (t) => {
	t.true(judge((size) => 1 + size / 2000, true)?.holds);
	t.true(judge((size) => (size === 1 ? 2 : 1), true)?.holds);
	t.false(judge((size) => 1 + size / 1000, true)?.holds);
	t.false(judge((size) => [1.4, 1, 1.2, 1.35, 1.3][sizes.indexOf(size)] ?? 0, true)?.holds);
});

test('two sizes are too few', (t) => {
	t.is(judgeCurve(pointsOf([1, 2], Number), {unit: {size: 1}}).verdict, undefined);
});

test('marginal costs are those of a unit', (t) => {
	const {marginal} = judgeCurve(
		pointsOf([1e9, 2e9, 4e9], (size) => size / 1e9),
		{unit: {size: 1e9}},
	);
	t.deepEqual(marginal, [undefined, {seconds: 1, cpu: 2}, {seconds: 1, cpu: 2}]);
});

function judge(seconds: (size: number) => number, isFlat = false): Judgement | undefined {
	const found = judgeCurve(pointsOf(sizes, seconds), {isFlat, unit: {size: 1}}).verdict;
	if (found?.seconds.holds !== found?.cpu.holds) throw new Error('CPU seconds are judged in another way');
	return found?.seconds;
}

function pointsOf(sizes: readonly number[], seconds: (size: number) => number): readonly object[] {
	return sizes.map((size) => ({size, seconds: seconds(size), cpu: 2 * seconds(size)}));
}
