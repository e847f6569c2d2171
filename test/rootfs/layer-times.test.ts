import test from 'ava';
import type {FileStat} from '../../src/host/file-stat.ts';
import {layerTime, type TimeRule} from '../../src/rootfs/layer-times.ts';

const cases: readonly (readonly [name: string, rule: TimeRule, mtime: number, nanoseconds: number, expected: number])[] = [
	['kept as it is', {kind: 'keep'}, 5000, 999_999_999, 5000],
	['kept before 1970', {kind: 'keep'}, -3, 1, -3],
	['clamped when it is later', {kind: 'clamp', epoch: 100}, 101, 0, 100],
	['not clamped when it is the epoch', {kind: 'clamp', epoch: 100}, 100, 999_999_999, 100],
	['not clamped when it is earlier', {kind: 'clamp', epoch: 100}, 99, 999_999_999, 99],
	['clamped to an epoch before 1970', {kind: 'clamp', epoch: -10}, 0, 0, -10],
	['the epoch for what is as old as the step', {kind: 'since', epoch: 100, start: 5000}, 5000, 0, 100],
	['the epoch for what is younger', {kind: 'since', epoch: 100, start: 5000}, 5001, 0, 100],
	['kept for what is older than the step', {kind: 'since', epoch: 100, start: 5000}, 4999, 999_999_999, 4999],
	['compared with its fraction', {kind: 'since', epoch: 100, start: 5000.5}, 5000, 500_000_001, 100],
	['kept when its fraction is older', {kind: 'since', epoch: 100, start: 5000.5}, 5000, 499_999_999, 5000],
	['an epoch that is later than the file', {kind: 'since', epoch: 9000, start: 5000}, 5000, 0, 9000],
];

for (const [name, rule, mtime, nanoseconds, expected] of cases) {
	test(`the time that a layer says: ${name}`, (t) => t.is(layerTime({mtime, nanoseconds} as FileStat, rule), expected));
}
