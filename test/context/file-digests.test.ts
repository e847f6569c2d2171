import {mkdirSync, readdirSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {dirname} from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {sha256} from '../../src/core/digest.ts';
import {isSettled, openFileDigests, rememberedFiles} from '../../src/context/file-digests.ts';
import {selectItems} from '../../src/context/select-items.ts';
import type {SelectedEntry} from '../../src/context/selection.ts';
import {textOf} from '../../src/core/raw-path.ts';
import {openStore, type Store} from '../../src/store/open-store.ts';
import {scratch} from '../support/store-support.ts';

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

/** A store, and a context whose files are so old that their digests are remembered. */
async function settledContext(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<{store: Store; root: string}> {
	const top = scratch(t);
	const root = `${top}/context`;
	mkdirSync(root);
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(`${root}/${name}`), {recursive: true});
		writeFileSync(`${root}/${name}`, content);
	}
	await pause(120);
	return {store: openStore(`${top}/store`), root};
}

test('a digest is remembered, and a change of same size and time is still seen', async (t) => {
	const {store, root} = await settledContext(t, {file: 'one'});
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

test('digests are remembered in any order, beside changed and new files', async (t) => {
	const names = ['a', 'aa', 'ab', 'b', 'z', '\u00e4'];
	const {store, root} = await settledContext(t, Object.fromEntries(names.map((name) => [name, `of ${name}`])));
	const look = (order: (entries: SelectedEntry[]) => SelectedEntry[], save = true): Map<string, {known: boolean; digest: string}> => {
		const files = openFileDigests(root, store);
		const entries = selectItems(root, ['.'])[0]?.entries.filter(({type}) => type === 'file') ?? [];
		const found = order([...entries]).map((entry) => {
			const known = files.knownDigest(entry) !== undefined;
			return [textOf(entry.source), {known, digest: files.digestOf(entry)}] as const;
		});
		if (save) files.save();
		return new Map(found.sort(([one], [two]) => (one < two ? -1 : 1)));
	};
	const all = (known: (name: string) => boolean, contents: (name: string) => string = (name) => `of ${name}`): unknown =>
		new Map(names.map((name) => [name, {known: known(name), digest: sha256(contents(name))}]));
	t.deepEqual(look((entries) => entries.slice(0, 3)).size, 3);
	t.deepEqual(
		look((entries) => entries),
		all((name) => ['a', 'aa', 'ab'].includes(name)),
	);
	t.deepEqual(
		look((entries) => entries.toReversed()),
		all(() => true),
	);
	writeFileSync(`${root}/aa`, 'changed');
	writeFileSync(`${root}/z`, 'changed');
	await pause(120);
	const changed = (name: string): string => (name === 'aa' || name === 'z' ? 'changed' : `of ${name}`);
	const isUnchanged = (name: string): boolean => changed(name) !== 'changed';
	t.deepEqual(
		look((entries) => entries, false),
		all(isUnchanged, changed),
	);
	t.deepEqual(
		look((entries) => entries.toReversed()),
		all(isUnchanged, changed),
	);
	t.deepEqual(
		look((entries) => entries),
		all(() => true, changed),
	);
});

test('what somebody else has read is remembered as what was read here', async (t) => {
	const {store, root} = await settledContext(t, {file: 'one'});
	const entry = selectItems(root, ['file'])[0]?.entries[0];
	if (entry === undefined) throw new Error('no entry');
	const files = openFileDigests(root, store);
	t.is(files.knownDigest(entry), undefined);
	files.learn(entry, sha256('one'), Date.now());
	files.save();
	t.is(openFileDigests(root, store).knownDigest(entry), sha256('one'));
	// Read so soon after its last change that a later one could look the same.
	const other = openFileDigests(`${root}/.`, store);
	other.learn(entry, sha256('one'), entry.stamp.ctimeMs + 1);
	other.save();
	t.is(openFileDigests(`${root}/.`, store).knownDigest(entry), undefined);
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

test('the remembered files of a small tree are known by their paths', async (t) => {
	const {store, root} = await settledContext(t, {'a/b': 'one', c: 'two'});
	t.deepEqual(rememberedFiles(root, store), []);
	const files = openFileDigests(root, store);
	for (const entry of selectItems(root, ['.'])[0]?.entries ?? []) if (entry.type === 'file') files.digestOf(entry);
	files.save();
	t.deepEqual(rememberedFiles(root, store), [`${root}/a/b`, `${root}/c`]);
});
