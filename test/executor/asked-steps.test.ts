import {setImmediate} from 'node:timers/promises';
import test from 'ava';
import {AskedSteps} from '../../src/executor/worker/asked-steps.ts';
import type {ExecReply} from '../../src/executor/worker/protocol.ts';

const done = (pending?: number): ExecReply => ({kind: 'done', layer: pending === undefined ? {} : {pending}, cpu: 0, peakMemory: 0});

test('a stack has the layers that commands have made by then', async (t) => {
	const asked = new AskedSteps();
	let end: (reply: ExecReply) => void = () => {};
	void asked.note(1, async () => done(7));
	void asked.note(2, async () => done());
	void asked.note(3, () => new Promise((resolve) => (end = resolve)));
	const layers = [{pending: 4}, {step: 1}, {step: 2}, {step: 3}];
	const settled = asked.settle({host: false, layers});
	let isSettled = false;
	void settled.then(() => (isSettled = true));
	await setImmediate();
	t.false(isSettled);
	end(done(9));
	t.deepEqual(await settled, {host: false, layers: [{pending: 4}, {pending: 7}, {pending: 9}]});
});

test('nothing runs on a command that fails, cannot start or was never asked for', async (t) => {
	const asked = new AskedSteps();
	void asked.note(1, async () => ({kind: 'failed', exitCode: 1}));
	void asked.note(2, async () => ({kind: 'too-late'}));
	const bug = new Error('no');
	asked.note(3, () => Promise.reject(bug)).catch(() => {});
	for (const step of [1, 2, 4]) await t.throwsAsync(asked.settle({host: false, layers: [{step}]}), {message: /has made no layer/v});
	await t.throwsAsync(asked.settle({host: false, layers: [{step: 3}]}), {is: bug});
});

test('where a command stands is told when it has started, to what comes directly on top', async (t) => {
	const asked = new AskedSteps();
	const standing = {stack: {host: false, layers: []}, lowers: ['1']};
	void asked.note(1, async (started) => {
		await setImmediate();
		started(standing);
		return done(1);
	});
	t.is(await asked.below({host: false, layers: [{pending: 3}, {step: 1}]}), standing);
	t.is(asked.below({host: false, layers: [{step: 1}, {pending: 3}]}), undefined);
	t.is(asked.below({host: false, layers: []}), undefined);
});
