import {array, assert, nat, property} from 'fast-check';
import test from 'ava';
import {dependencyOrder} from '../../src/compile/dependency-order.ts';

const order = (roots: readonly string[], graph: Readonly<Record<string, readonly string[]>>) =>
	dependencyOrder(roots, (item) => graph[item] ?? []);

test('roots keep their order, and what they need comes before them, once', (t) => {
	t.deepEqual(order(['a', 'b', 'c'], {a: ['x'], b: ['a', 'y'], c: ['x', 'y']}), {order: ['x', 'a', 'y', 'b', 'c']});
});

test('a cycle is told from an item back to itself, without what leads to it', (t) => {
	t.deepEqual(order(['a'], {a: ['b'], b: ['c'], c: ['d', 'b']}).cycle, ['b', 'c', 'b']);
	t.deepEqual(order(['a'], {a: ['a']}).cycle, ['a', 'a']);
});

test('a chain of 100 000 items does not overflow the stack', (t) => {
	const {order: found} = dependencyOrder([99_999], (item) => (item === 0 ? [] : [item - 1]));
	t.is(found.length, 100_000);
	t.is(found[0], 0);
});

test('without a cycle every item stands behind all it needs', (t) => {
	const graphs = array(array(nat(30), {maxLength: 5}), {minLength: 1, maxLength: 30});
	assert(
		property(graphs, (edges) => {
			// Only edges to smaller numbers: no cycle is possible.
			const dependencies = (item: number): readonly number[] => (edges[item] ?? []).filter((other) => other < item);
			const {order: found, cycle} = dependencyOrder([...edges.keys()], dependencies);
			if (cycle !== undefined || found.length !== edges.length) return false;
			return found.every((item, index) => dependencies(item).every((other) => found.indexOf(other) < index));
		}),
	);
	t.pass();
});
