import test from 'ava';
import {assert, jsonValue, property} from 'fast-check';
import {canonicalJson, type Json} from '../../src/core/canonical-json.ts';

test('keys come in code-unit order at every depth, whatever the order they were given in', (t) => {
	t.is(canonicalJson({b: [{d: 1, c: null}], a: {'10': 'x', '9': true}, Z: []}), '{"Z":[],"a":{"10":"x","9":true},"b":[{"c":null,"d":1}]}');
	t.is(canonicalJson({a: 1, b: {a: 1, b: [1, {a: 2, b: 3}]}}), '{"a":1,"b":{"a":1,"b":[1,{"a":2,"b":3}]}}');
	t.is(canonicalJson({'\u{1f600}': 1, '\uffff': 2}), '{"\u{1f600}":1,"\uffff":2}');
});

test('undefined members are left out', (t) => {
	t.is(canonicalJson({a: undefined, b: 1, c: {d: undefined}}), '{"b":1,"c":{}}');
	t.is(canonicalJson([{b: 1, a: undefined}, {a: undefined}]), '[{"b":1},{}]');
});

test('a number that JSON cannot hold is refused wherever it stands', (t) => {
	for (const number of [NaN, Infinity, -Infinity])
		for (const value of [number, [number], {a: {b: [1, number]}}] as const) t.throws(() => canonicalJson(value), {instanceOf: RangeError});
});

test('what is printed reads as the value, and as itself again', (t) => {
	assert(
		property(jsonValue(), (value) => {
			const text = canonicalJson(value as Json);
			t.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
			t.is(canonicalJson(JSON.parse(text) as Json), text);
			t.is(canonicalJson(reversed(value as Json)), text);
		}),
	);
	t.pass();
});

/** The same value, its members in the other order. */
function reversed(value: Json): Json {
	if (value === null || typeof value !== 'object') return value;
	if (Array.isArray(value)) return value.map(reversed);
	return Object.fromEntries(
		Object.entries(value)
			.toReversed()
			.map(([key, member]) => [key, reversed(member as Json)]),
	);
}
