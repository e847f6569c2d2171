import {readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import test from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {isSettled, openFileDigests} from '../../src/context/file-digests.ts';
import {selectItems} from '../../src/context/select-items.ts';
import {openStore} from '../../src/store/open-store.ts';
import {scratch} from '../support/store-support.ts';

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

test('a digest is remembered, and a change of same size and time is still seen', async (t) => {
	const top = scratch(t);
	const store = openStore(`${top}/store`);
	const root = `${top}/context`;
	const {mkdirSync} = await import('node:fs');
	mkdirSync(root);
	writeFileSync(`${root}/file`, 'one');
	await pause(120);
	const once = (): string => {
		const files = openFileDigests(root, store);
		const entry = selectItems(root, ['file'])[0]?.entries[0];
		if (entry === undefined) throw new Error('no entry');
		const digest = files.digestOf(entry);
		files.save();
		return digest;
	};
	t.is(once(), sha256('one'));
	const [memo] = readdirSync(`${store.directory}/memo`);
	const written = statSync(`${store.directory}/memo/${memo}`).mtimeMs;
	t.is(once(), sha256('one'));
	t.is(statSync(`${store.directory}/memo/${memo}`).mtimeMs, written);
	const {mtimeMs} = statSync(`${root}/file`);
	writeFileSync(`${root}/file`, 'two');
	utimesSync(`${root}/file`, mtimeMs / 1000, mtimeMs / 1000);
	t.is(once(), sha256('two'));
	writeFileSync(`${store.directory}/memo/${memo}`, 'damaged');
	t.is(once(), sha256('two'));
});

test('a stamp is trusted only when no later write can have it', (t) => {
	const stamp = (ctimeMs: number, mtimeMs = ctimeMs): {dev: number; ino: number; mtimeMs: number; ctimeMs: number} => ({
		dev: 1,
		ino: 1,
		mtimeMs,
		ctimeMs,
	});
	t.true(isSettled(stamp(1000.5), 1100));
	t.false(isSettled(stamp(1000.5), 1040));
	t.false(isSettled(stamp(1000), 2900));
	t.true(isSettled(stamp(1000), 3001));
	t.false(isSettled(stamp(1000.5, 9000.5), 2000));
});
