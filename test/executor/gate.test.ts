import test from 'ava';
import {Gate} from '../../src/executor/worker/gate.ts';

test('readers are inside together and a writer waits for all of them', async (t) => {
	const gate = new Gate();
	const log: string[] = [];
	const first = await gate.read();
	const second = await gate.read();
	const written = gate.write(async () => void log.push('write'));
	await Promise.resolve();
	t.deepEqual(log, []);
	first();
	second();
	await written;
	t.deepEqual(log, ['write']);
});

test('a reader that comes after a waiting writer waits for it', async (t) => {
	const gate = new Gate();
	const log: string[] = [];
	const leave = await gate.read();
	const written = gate.write(async () => void log.push('write'));
	const later = gate.read().then((out) => {
		log.push('read');
		out();
	});
	leave();
	await Promise.all([written, later]);
	t.deepEqual(log, ['write', 'read']);
});

test('leaving twice counts once', async (t) => {
	const gate = new Gate();
	const leave = await gate.read();
	const other = await gate.read();
	leave();
	leave();
	let written = false;
	const writing = gate.write(async () => {
		written = true;
	});
	await Promise.resolve();
	t.false(written);
	other();
	await writing;
	t.true(written);
});

test('a writer that fails opens the gate again', async (t) => {
	const gate = new Gate();
	await t.throwsAsync(
		gate.write(async () => Promise.reject(new Error('no'))),
		{message: 'no'},
	);
	(await gate.read())();
	t.pass();
});
