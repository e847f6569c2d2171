import test from 'ava';
import * as fc from 'fast-check';
import {ownerOf, packLinkOwner, parseOwnerMark, printOwnerMark, unpackLinkOwner} from '../../src/core/owner-mark.ts';

const id = fc.nat(0xffff_fffe);
const owner = fc.record({uid: id, gid: id});

test('a mark of a file is read as it was written', (t) => {
	fc.assert(
		fc.property(owner, owner, ({uid, gid}, beside) => {
			t.deepEqual(parseOwnerMark(printOwnerMark({uid, gid, beside})), {uid, gid, beside});
		}),
	);
	t.is(printOwnerMark({uid: 5, gid: 6}), '5:6');
	for (const text of [undefined, '', '5', '5:6 7', '5:6:7', '-1:0', '5:6 7:8 9:1', '12345678901:0']) t.is(parseOwnerMark(text), undefined);
});

test('a mark of a link is read as it was written, and capabilities are none', (t) => {
	fc.assert(fc.property(owner, ({uid, gid}) => t.deepEqual(unpackLinkOwner(packLinkOwner({uid, gid})), {uid, gid})));
	const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('latin1');
	for (const text of [undefined, '', capability, packLinkOwner({uid: 1, gid: 2}).slice(1)]) t.is(unpackLinkOwner(text), undefined);
});

test('each id of a mark counts until the kernel has another one', (t) => {
	const mark = {uid: 300_000, gid: 7, beside: {uid: 65_536, gid: 65_536}};
	t.deepEqual(ownerOf(mark, {uid: 65_536, gid: 65_536}), {uid: 300_000, gid: 7});
	t.deepEqual(ownerOf(mark, {uid: 0, gid: 65_536}), {uid: 0, gid: 7});
	t.deepEqual(ownerOf(mark, {uid: 65_536, gid: 9}), {uid: 300_000, gid: 9});
	t.deepEqual(ownerOf({uid: 5, gid: 6}, {uid: 1, gid: 2}), {uid: 5, gid: 6});
	t.deepEqual(ownerOf(undefined, {uid: 1, gid: 2}), {uid: 1, gid: 2});
});
