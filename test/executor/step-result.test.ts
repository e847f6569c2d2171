import test from 'ava';
import {setImmediate} from 'node:timers/promises';
import type {ChainId, StepKey} from '../../src/core/digest.ts';
import type {BuildContext} from '../../src/executor/build-context.ts';
import {LayerStack} from '../../src/executor/layer-stack.ts';
import {addLayer} from '../../src/executor/step-result.ts';
import type {WorkerClient} from '../../src/executor/worker-client.ts';

// A promise that nobody waits for would end the command, and here the test run.
test('a layer that fails on a stack that fails is told where it is asked for, and only there', async (t) => {
	const failure = new Error('no space');
	const worker = {call: () => Promise.reject(failure)} as unknown as WorkerClient;
	const context = {inBackground: (work: Promise<unknown>) => void work.catch(() => {})} as unknown as BuildContext;
	const parent = Promise.reject<ChainId>(failure);
	let recorded = 0;
	const {stack} = addLayer(context, worker, {
		operation: 'key' as StepKey,
		parent,
		made: {pending: 1},
		below: LayerStack.scratch,
		recorded: () => (recorded += 1),
	});
	for (let turn = 0; turn < 5; turn++) await setImmediate();
	t.is(recorded, 1);
	await t.throwsAsync(stack.awaitChain(), {is: failure});
});
