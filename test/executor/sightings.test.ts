import {cpSync, readdirSync, statSync, writeFileSync} from 'node:fs';
import test, {type ExecutionContext} from 'ava';
import {Sightings} from '../../src/executor/worker/sightings.ts';
import {openStore} from '../../src/store/open-store.ts';
import {scratch} from '../support/store-support.ts';

function emptyStore(t: ExecutionContext): string {
	return openStore(`${scratch(t)}/store`).directory;
}

/** Of the notes in a store, by their inodes: each write makes a new one. */
function notesIn(store: string): readonly number[] {
	return readdirSync(`${store}/memo`).map((name) => statSync(`${store}/memo/${name}`).ino);
}

test('what one build has seen the next does not look for', (t) => {
	const store = emptyStore(t);
	const first = new Sightings(store);
	t.is(
		first.once('marks', () => 'device'),
		'device',
	);
	t.is(
		first.once('marks', () => 'xattr'),
		'device',
	);
	first.note('works', true);
	t.is(notesIn(store).length, 0);
	first.keep();
	const written = notesIn(store);
	t.is(written.length, 1);
	const second = new Sightings(store);
	t.is(
		second.once('marks', () => 'xattr'),
		'device',
	);
	t.is(second.get('works'), true);
	t.is(second.get('other'), undefined);
	second.keep();
	t.deepEqual(notesIn(store), written);
});

test('what was seen of one store says nothing of another', (t) => {
	const store = emptyStore(t);
	const sightings = new Sightings(store);
	sightings.note('works', true);
	sightings.keep();
	t.is(new Sightings(emptyStore(t)).get('works'), undefined);
});

test('a copy of a store in its file system knows what was seen of it', (t) => {
	const store = emptyStore(t);
	const sightings = new Sightings(store);
	sightings.note('works', true);
	sightings.keep();
	const copy = `${scratch(t)}/copy`;
	cpSync(store, copy, {recursive: true});
	t.is(new Sightings(copy).get('works'), true);
});

test('after a failure the next build looks again', (t) => {
	const store = emptyStore(t);
	const sightings = new Sightings(store);
	sightings.note('works', true);
	sightings.keep();
	sightings.forget();
	t.is(sightings.get('works'), undefined);
	t.is(new Sightings(store).get('works'), undefined);
});

test('a damaged note is none', (t) => {
	const store = emptyStore(t);
	const sightings = new Sightings(store);
	sightings.note('works', true);
	sightings.keep();
	const [name] = readdirSync(`${store}/memo`);
	for (const text of ['', '{"key":', 'null', '{"key":"other","value":{"works":true}}']) {
		writeFileSync(`${store}/memo/${name}`, text);
		t.is(new Sightings(store).get('works'), undefined);
	}
});
