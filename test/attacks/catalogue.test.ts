import test from 'ava';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {topFolder} from '../support/top.ts';

const numbers = (letter: string, last: number, ...missing: readonly number[]): readonly string[] =>
	Array.from({length: last}, (_, index) => index + 1)
		.filter((number) => !missing.includes(number))
		.map((number) => letter + number);
const entries = [
	...numbers('M', 19, 8),
	...numbers('S', 12, 5, 7),
	...numbers('L', 14, 12),
	...numbers('C', 5),
	...numbers('R', 3),
	...numbers('X', 14),
];

/** Entries about code that does not exist. */
const notApplicable = new Set(['C2']);

const rows = readFileSync(join(topFolder(), 'test/attacks/README.md'), 'utf8')
	.split('\n')
	.map((line) => /^\| ([A-Z]\d+) \| (.+) \| (.+) \|$/v.exec(line))
	.filter((found) => found !== null)
	.map(([, id = '', , tests = '']) => ({id, tests}));

test('every entry of the attack catalogue has one row', (t) => {
	t.deepEqual(
		rows.map(({id}) => id),
		entries,
	);
});

for (const {id, tests} of rows) {
	test(`the tests of ${id} exist`, (t) => {
		if (notApplicable.has(id)) return void t.regex(tests, /^not applicable yet: no such code/v);
		const named = [...tests.matchAll(/`(test\/[^`]+)` “([^“”]+)”/gv)];
		t.true(named.length > 0);
		t.is(named.map(([text]) => text).join(', '), tests);
		for (const [, path = '', title = ''] of named) {
			const text = readFileSync(join(topFolder(), path), 'utf8');
			t.true(text.includes(`'${title}'`) || text.includes(`\`${title}\``) || text.includes(`"${title}"`), `${path}: ${title}`);
		}
	});
}
