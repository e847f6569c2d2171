import test, {type ExecutionContext} from 'ava';
import {canonicalJson, type Json} from '../../src/core/canonical-json.ts';
import {Sightings} from '../../src/executor/worker/sightings.ts';
import type {Memo} from '../../src/store/memo.ts';
import {scratch} from '../support/store-support.ts';

/** A memo in memory, and how often something was written to it. */
function memoIn(t: ExecutionContext): {readonly memo: Memo; readonly store: string; readonly writes: () => number} {
	const known = new Map<string, Json>();
	let writes = 0;
	const memo: Memo = {
		get: (key) => known.get(canonicalJson(key)),
		set(key, value) {
			writes += 1;
			known.set(canonicalJson(key), value);
		},
	};
	return {memo, store: scratch(t), writes: () => writes};
}

test('what one build has seen the next does not look for', (t) => {
	const {memo, store, writes} = memoIn(t);
	const first = new Sightings(memo, store);
	t.is(
		first.once('marks', () => 'device'),
		'device',
	);
	t.is(
		first.once('marks', () => 'xattr'),
		'device',
	);
	first.note('works', true);
	t.is(writes(), 0);
	first.keep();
	t.is(writes(), 1);
	const second = new Sightings(memo, store);
	t.is(
		second.once('marks', () => 'xattr'),
		'device',
	);
	t.is(second.get('works'), true);
	t.is(second.get('other'), undefined);
	second.keep();
	t.is(writes(), 1);
});

test('what was seen of one store says nothing of another', (t) => {
	const {memo, store} = memoIn(t);
	const sightings = new Sightings(memo, store);
	sightings.note('works', true);
	sightings.keep();
	t.is(new Sightings(memo, scratch(t)).get('works'), undefined);
});

test('after a failure the next build looks again', (t) => {
	const {memo, store} = memoIn(t);
	const sightings = new Sightings(memo, store);
	sightings.note('works', true);
	sightings.keep();
	sightings.forget();
	t.is(sightings.get('works'), undefined);
	t.is(new Sightings(memo, store).get('works'), undefined);
});
