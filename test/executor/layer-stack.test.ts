import test from 'ava';
import {type DiffId, chainOf, emptyChain, sha256} from '../../src/core/digest.ts';
import {LayerStack} from '../../src/executor/layer-stack.ts';

const diffId = (name: string): DiffId => sha256(name) as string as DiffId;

test('the chain of stored layers is known at once', (t) => {
	const stack = LayerStack.scratch.withStored(diffId('a'), 1).withStored(diffId('b'), 2);
	t.is(stack.known, chainOf([diffId('a'), diffId('b')]));
	t.is(LayerStack.scratch.known, emptyChain);
});

test('the chain over a pending layer follows its diffID', async (t) => {
	let finish: (identity: {diffId: DiffId; size: number}) => void = () => {};
	const identity = new Promise<{diffId: DiffId; size: number}>((resolve) => {
		finish = resolve;
	});
	const stack = LayerStack.scratch
		.withStored(diffId('a'), 1)
		.withPending({reference: {pending: 7}, identity})
		.withStored(diffId('c'), 3);
	t.is(stack.known, undefined);
	t.deepEqual(stack.stack.layers, [{diffId: diffId('a')}, {pending: 7}, {diffId: diffId('c')}]);
	finish({diffId: diffId('b'), size: 2});
	t.is(await stack.chain, chainOf([diffId('a'), diffId('b'), diffId('c')]));
	await Promise.resolve();
	t.is(stack.known, await stack.chain);
});

test('stages on different hosts have different chains', (t) => {
	t.not(LayerStack.onHost('one').known, LayerStack.onHost('two').known);
	t.true(LayerStack.onHost('one').stack.host);
});
