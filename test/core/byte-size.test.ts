import test from 'ava';
import {parseByteSize} from '../../src/core/byte-size.ts';

test('decimal and binary units differ, and letter case does not count', (t) => {
	t.deepEqual(['120MB', '120mb', '1KiB', '1.5 GiB', '7', '7b', '0', '2TB'].map(parseByteSize), [
		120e6,
		120e6,
		1024,
		1.5 * 1024 ** 3,
		7,
		7,
		0,
		2e12,
	]);
});

test('what is no number of bytes is none', (t) => {
	t.deepEqual(
		['', 'MB', '-1', '1M', '1 m', '1e3', '1.', '.5MB', '120 MB ', '99999999999999TB', '1,5MB'].map(parseByteSize),
		Array.from({length: 11}, () => undefined),
	);
});
