import test from 'ava';
import {rawOf} from '../../src/core/raw-path.ts';
import type {Source} from '../../src/core/source.ts';
import {exceededBudgets, type Holdings} from '../../src/executor/exceeded-budgets.ts';
import type {Budget} from '../../src/plan/budget.ts';
import type {TarEntry} from '../../src/tar/entry.ts';

const source: Source = {name: 'Boxfile', text: 'CHECK'};
const span = {start: 0, end: 5};

function entry(path: string, more: Partial<TarEntry> = {}): TarEntry {
	return {path: rawOf(path), type: 'file', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0, ...more};
}

function holding(entries: readonly TarEntry[], sizes: readonly number[] = []): Holdings {
	return {
		layers: sizes.map((size, index) => ({size, madeBy: `RUN ${index}`})),
		files: new Map(entries.map((item) => [item.path, item])),
	};
}

const codesOf = (budgets: readonly Budget[], holdings: Holdings): readonly string[] =>
	exceededBudgets(budgets, source, holdings).map(({code}) => code);

test('a size is exceeded by one byte more, not by the same', (t) => {
	const limit: Budget = {kind: 'size', bytes: 300, text: '300', span};
	t.deepEqual(codesOf([limit], holding([], [100, 200])), []);
	t.deepEqual(codesOf([limit], holding([], [100, 201])), ['step/budget-size']);
});

test('the largest layers are named first', (t) => {
	const [problem] = exceededBudgets([{kind: 'size', bytes: 1, text: '1', span}], source, holding([], [5, 2000, 30]));
	t.deepEqual(problem?.because, ['its 3 layers have 2035 bytes unpacked, and 1 are allowed', '2.0 kB: RUN 1', '30 B: RUN 2', '5 B: RUN 0']);
});

test('set-user-ID and set-group-ID count on regular files only', (t) => {
	const budget: Budget = {kind: 'setuid', span};
	t.deepEqual(codesOf([budget], holding([entry('d', {type: 'directory', mode: 0o2755}), entry('t', {mode: 0o1755})])), []);
	t.deepEqual(codesOf([budget], holding([entry('a', {mode: 0o4755})])), ['step/budget-setuid']);
	t.deepEqual(codesOf([budget], holding([entry('a', {mode: 0o2711})])), ['step/budget-setuid']);
});

test('patterns match whole paths as in an ignore file', (t) => {
	const found = (pattern: string): readonly string[] =>
		exceededBudgets([{kind: 'path', pattern, text: pattern, span}], source, holding([entry('a/b.pyc'), entry('c.pyc'), entry('a/ü')]))[0]
			?.because ?? [];
	t.deepEqual(found('*.pyc'), ['/c.pyc']);
	t.deepEqual(found('**/*.pyc'), ['/a/b.pyc', '/c.pyc']);
	t.deepEqual(found(rawOf('a/ü')), ['/a/ü']);
	t.deepEqual(found('a/b'), []);
});

test('every exceeded budget is told', (t) => {
	const budgets: readonly Budget[] = [
		{kind: 'setuid', span},
		{kind: 'path', pattern: 'a', text: 'a', span},
	];
	t.deepEqual(codesOf(budgets, holding([entry('a', {mode: 0o4755})])), ['step/budget-setuid', 'step/budget-path']);
});
