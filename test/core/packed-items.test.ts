import test from 'ava';
import * as fc from 'fast-check';
import {sha256} from '../../src/core/digest.ts';
import {changedContents, packItems, shapeOf, unpackItems} from '../../src/core/packed-items.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import type {TreeEntry, TreeItem} from '../../src/core/tree-entry.ts';

const name = fc
	.string({unit: fc.integer({min: 1, max: 255}).map((code) => String.fromCharCode(code)), minLength: 1, maxLength: 20})
	.map((text) => text.replaceAll('/', '_') as RawPath);
const id = fc.integer({min: 0, max: 0xfffffffe});
const entry = fc
	.record({
		source: name,
		path: fc.oneof(fc.constant('' as RawPath), name),
		type: fc.constantFrom('file', 'directory', 'symlink', 'fifo'),
		mode: fc.integer({min: 0, max: 0o7777}),
		uid: id,
		gid: id,
		size: fc.maxSafeNat(),
		mtime: fc.integer({min: -(2 ** 40), max: 2 ** 40}),
		link: fc.option(name, {nil: undefined}),
		inode: fc.option(fc.constantFrom('1:2', '1:3'), {nil: undefined}),
		digest: fc.option(
			name.map((text) => sha256(text)),
			{nil: undefined},
		),
	})
	.map(({link, inode, ...rest}): TreeEntry => ({...rest, ...(link === undefined ? {} : {link}), ...(inode === undefined ? {} : {inode})}));
const items = fc.array(fc.record({name, isDirectory: fc.boolean(), entries: fc.array(entry, {maxLength: 8})}), {maxLength: 4});

test('unpacking undoes packing', (t) => {
	fc.assert(fc.property(items, (given: readonly TreeItem[]) => t.deepEqual(unpackItems(packItems(given)), given)));
});

test('only wanted entries are unpacked, each what it is in the whole', (t) => {
	fc.assert(
		fc.property(items, fc.integer({min: 1, max: 3}), (given: readonly TreeItem[], every) => {
			const all = given.flatMap(({entries}) => entries);
			const wanted = new Set([...all.keys()].filter((at) => at % every === 0));
			const found = unpackItems(packItems(given), wanted).flatMap(({entries}) => entries);
			t.deepEqual(
				found,
				all.filter((_, at) => wanted.has(at)),
			);
		}),
	);
});

const file = (path: string, content: string, more: Partial<TreeEntry> = {}): TreeEntry => ({
	source: `d/${path}` as RawPath,
	path: path as RawPath,
	type: 'file',
	mode: 0o644,
	uid: 0,
	gid: 0,
	size: content.length,
	mtime: 1,
	digest: sha256(content),
	...more,
});
const packed = (...entries: readonly TreeEntry[]): ReturnType<typeof packItems> =>
	packItems([{name: 'd' as RawPath, isDirectory: true, entries}]);

test('files whose contents alone differ are found by their positions', (t) => {
	const before = packed(file('a', '1'), file('b', '2'), file('c', '3'));
	const after = packed(file('a', 'other'), file('b', '2', {mtime: 9}), file('c', '4'));
	t.is(shapeOf(before), shapeOf(after));
	t.deepEqual(changedContents(before.digests, before), []);
	t.deepEqual(changedContents(before.digests, after), [0, 2]);
});

test('positions count what has no content', (t) => {
	const directory = file('d', '', {type: 'directory', digest: undefined});
	const before = packed(directory, file('d/a', '1'), directory, file('d/b', '2'));
	t.deepEqual(changedContents(before.digests, packed(directory, file('d/a', '1'), directory, file('d/b', '3'))), [3]);
});

for (const [what, others] of [
	['a name', [file('e', '2')]],
	['a mode', [file('b', '2', {mode: 0o600})]],
	['an owner', [file('b', '2', {gid: 7})]],
	['a type', [file('b', '2', {type: 'symlink', link: 'x'})]],
	['a further link', [file('b', '2', {inode: '1:2'})]],
	['a source', [file('b', '2', {source: 'elsewhere' as RawPath})]],
	['a digest that is not known', [file('b', '2', {digest: undefined})]],
	['the number of entries', []],
] as const) {
	test(`items have another shape: ${what}`, (t) => {
		const first = file('a', '1');
		t.not(shapeOf(packed(first, file('b', '2'))), shapeOf(packed(first, ...others)));
	});
}
