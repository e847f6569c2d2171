import test from 'ava';
import {appendFileSync, writeFileSync} from 'node:fs';
import {sha256} from '../../src/core/digest.ts';
import {DigestBeside} from '../../src/executor/worker/digest-beside.ts';
import {hashRange} from '../../src/executor/worker/hash-range.ts';
import {scratch} from '../support/store-support.ts';

const content = Buffer.from('content '.repeat(400_000));

test('a part of a file is hashed as it grows', (t) => {
	const path = `${scratch(t)}/file`;
	writeFileSync(path, 'head');
	let end = 4;
	const longerThan = (bytes: number): number => {
		// Ends in the middle, at the end, and beyond it.
		const more = [content.subarray(0, 1_500_000), content.subarray(1_500_000), 'tail'];
		for (let part = more.shift(); end <= bytes; part = more.shift()) {
			if (part === undefined) throw new Error('more was asked for than there is');
			appendFileSync(path, part);
			end += part.length;
		}
		return end;
	};
	t.is(`sha256:${hashRange(path, {start: 4, size: content.length, longerThan})}`, sha256(content));
	t.is(`sha256:${hashRange(path, {start: 0, size: 4})}`, sha256('head'));
	t.throws(() => hashRange(path, {start: 4, size: 2 * content.length}), {instanceOf: RangeError});
});

// Here the program of the thread is not beside the compiled module; that it works shows test/e2e/copied-tars.test.ts.
test('without a thread whoever waits takes the digest', (t) => {
	const path = `${scratch(t)}/file`;
	writeFileSync(path, content);
	const beside = new DigestBeside(path, {start: 8, size: 16, written: 0});
	beside.wrote(content.length);
	t.is(beside.end(), sha256('content content '));
	beside.giveUp();
});
