import test from 'ava';
import {allow, encodeFilter, jumpEqual, loadWord} from '../../src/isolation/bpf.ts';

test('a filter is eight bytes for each instruction: code, two jumps, constant', (t) => {
	const filter = encodeFilter([[loadWord, 0, 0, 4], [jumpEqual, 1, 255, 0xc000_003e], allow]);
	t.deepEqual(filter.toString('hex').match(/.{16}/gv), ['2000000004000000', '150001ff3e0000c0', '060000000000ff7f']);
});

for (const [what, instruction] of [
	['a code of more than 16 bits', [0x1_0000, 0, 0, 0]],
	['a jump over more than 255', [jumpEqual, 256, 0, 0]],
	['a jump back', [jumpEqual, 0, -1, 0]],
	['a constant of more than 32 bits', [loadWord, 0, 0, 0x1_0000_0000]],
	['a constant below zero', [loadWord, 0, 0, -1]],
] as const) {
	test(`no filter has ${what}`, (t) => {
		t.throws(() => encodeFilter([instruction]), {instanceOf: RangeError});
	});
}
