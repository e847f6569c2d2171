import {mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {array, assert, boolean, constantFrom, dictionary, letrec, nat, oneof, property, record} from 'fast-check';
import type {RawPath} from '../../src/core/raw-path.ts';
import {setXattr} from '../../src/host/xattr.ts';
import {makeTree} from '../../src/rootfs/make-tree.ts';
import {mergedFiles} from '../../src/rootfs/merged-files.ts';
import {StackedTree} from '../../src/rootfs/stacked-tree.ts';
import {scratch} from '../support/store-support.ts';

/** A name of a layer directory: a file with this text, a link, a mark of deletion, or a directory. */
type Content = string | 'link' | 'deleted' | {readonly isOpaque: boolean; readonly names: Directory};
type Directory = Readonly<Record<string, Content>>;

const names = constantFrom('a', 'b', 'c');
const {directory} = letrec<{directory: Directory; content: Content}>((tie) => ({
	directory: dictionary(names, tie('content'), {depthIdentifier: 'tree', maxKeys: 3}),
	content: oneof(
		{depthIdentifier: 'tree', maxDepth: 3},
		constantFrom<Content>('one', 'two', 'link', 'deleted'),
		record({isOpaque: boolean(), names: tie('directory')}),
	),
}));

function write(path: string, tree: Directory): void {
	mkdirSync(path);
	for (const [name, content] of Object.entries(tree)) {
		const at = `${path}/${name}`;
		if (typeof content === 'object') {
			write(at, content.names);
			if (content.isOpaque) setXattr(Buffer.from(at), 'user.overlay.opaque', 'y');
		} else if (content === 'link') symlinkSync('a', at);
		else writeFileSync(at, content === 'deleted' ? '' : content);
		if (content === 'deleted') setXattr(Buffer.from(at), 'user.overlay.whiteout', 'y');
	}
}

/** Every path with what is there, found by asking for names. */
function listed(tree: StackedTree, path = '' as RawPath): string[] {
	return tree
		.names(path)
		.sort()
		.flatMap((name) => {
			const here = (path === '' ? name : `${path}/${name}`) as RawPath;
			const type = tree.stat(here)?.type ?? 'nothing';
			const content = type === 'file' ? readFileSync(tree.at(here), 'utf8') : '';
			return [`${here} ${type} ${content}`, ...(type === 'directory' ? listed(tree, here) : [])];
		});
}

test('layers on a view show what merging all of them gives, wherever the view begins', (t) => {
	const root = scratch(t);
	let count = 0;
	assert(
		property(array(directory, {minLength: 1, maxLength: 4}), nat(4), (layers, cut) => {
			const top = `${root}/${count++}`;
			mkdirSync(top);
			const paths = layers.map((tree, at) => {
				write(`${top}/${at}`, tree);
				return `${top}/${at}`;
			});
			const expected = [...mergedFiles(paths)].map(
				({path, at, stat}) => `${path} ${stat.type} ${stat.type === 'file' ? readFileSync(at, 'utf8') : ''}`,
			);
			const below = paths.slice(cut);
			if (below.length > 0) makeTree(below, `${top}/view`, 'link');
			const tree = new StackedTree(paths.slice(0, cut), below.length > 0 ? `${top}/view` : null);
			t.deepEqual(listed(tree).sort(), expected.sort());
			for (const path of ['a', 'a/b', 'a/b/c', 'c/c', 'b/a/c'])
				t.is(
					tree.stat(path as RawPath) !== undefined,
					expected.some((line) => line.startsWith(`${path} `)),
				);
			tree.close();
		}),
		{numRuns: 300},
	);
});

test('a stack of nothing is empty, and what is not there cannot be read', (t) => {
	const tree = new StackedTree([], null);
	t.true(tree.isEmpty);
	t.is(tree.stat('a' as RawPath), undefined);
	t.throws(() => tree.at('a' as RawPath), {message: /nothing is at a/v});
	t.deepEqual(tree.names('' as RawPath), []);
	t.false(new StackedTree([scratch(t)], null).isEmpty);
});
