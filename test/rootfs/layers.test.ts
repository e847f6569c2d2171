import {existsSync, readdirSync, readFileSync} from 'node:fs';
import {release} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import type {TarEntry} from '../../src/tar/entry.ts';
import {inNamespace} from '../support/in-namespace.ts';
import {met, never} from '../support/requirement.ts';
import {farIds, fuse, manyIds, root} from '../support/requirements.ts';
import {when} from '../support/when.ts';
import {topFolder} from '../support/top.ts';

interface StepResult {
	readonly script: string;
	readonly seen: readonly string[];
	readonly stacked: readonly string[];
	readonly extracted: readonly string[];
	readonly index: readonly TarEntry[];
	readonly rescan: readonly TarEntry[];
	readonly reread: readonly TarEntry[];
	readonly diffId: string;
	readonly rereadDiffId: string;
	readonly size: number;
	readonly tarSize: number;
}

/** Cases that give files to users other than root. */
const owners = new Map([
	['everything', manyIds],
	['metadata-only', manyIds],
	['odd-metadata', farIds],
]);
const cases = join(topFolder(), 'test/fixtures/layers');

for (const name of readdirSync(cases).sort()) {
	when(owners.get(name) ?? [], `a stack of layers keeps what its steps saw: ${name}`, (t) => {
		const steps = inNamespace(new URL('stack-script.js', import.meta.url), join(cases, name)) as readonly StepResult[];
		for (const step of steps) {
			t.deepEqual(step.stacked, step.seen, `${step.script}: the layer directories show what the step saw`);
			t.deepEqual(step.extracted, step.seen, `${step.script}: so do the extracted tars`);
			t.deepEqual(step.rescan, step.index, `${step.script}: a second scan finds the same`);
			t.deepEqual(step.reread, step.index, `${step.script}: extraction returns the index`);
			t.is(step.rereadDiffId, step.diffId);
			t.is(step.size, step.tarSize);
			const expected = join(cases, name, step.script.replace('.sh', '.paths'));
			if (existsSync(expected)) t.deepEqual(step.index.map(shown), readFileSync(expected, 'utf8').split('\n').slice(0, -1), step.script);
		}
	});
}

// Cases without hard links: fuse-overlayfs 1.10 lets a write through one of several names land under another.
for (const name of ['nested-deletions', 'recreate-later', 'replaced-directory', 'symlink-swaps']) {
	when([fuse, root], `so does a stack that fuse-overlayfs made: ${name}`, (t) => {
		const steps = inNamespace(new URL('stack-script.js', import.meta.url), join(cases, name), 'fuse') as readonly StepResult[];
		for (const step of steps) {
			t.deepEqual(step.stacked, step.seen);
			t.deepEqual(step.extracted, step.seen);
			t.deepEqual(step.reread, step.index);
		}
	});
}

// Since Linux 6.6 a tmpfs holds user xattrs, which the overlay needs.
const hasTmpfs = kernelIsAtLeast(6, 6) ? met : never('the kernel is older than 6.6', 'use a newer kernel');

for (const name of ['everything', 'links', 'nested-deletions', 'odd-metadata', 'replaced-directory']) {
	when([hasTmpfs, owners.get(name) ?? met], `so does a stack on a tmpfs: ${name}`, (t) => {
		const script = new URL('stack-script.js', import.meta.url);
		const steps = inNamespace(script, join(cases, name), 'tmpfs') as readonly StepResult[];
		for (const step of steps) {
			t.deepEqual(step.stacked, step.seen);
			t.deepEqual(step.extracted, step.seen);
			t.deepEqual(step.reread, step.index);
			t.is(step.rereadDiffId, step.diffId);
		}
	});
}

test('100 layers that add, change and delete show what the last step saw', (t) => {
	const {seen, stacked, indexes, rest} = inNamespace(new URL('many-layers-script.js', import.meta.url)) as {
		readonly seen: readonly string[];
		readonly stacked: readonly string[];
		readonly indexes: readonly (readonly string[])[];
		readonly rest: readonly string[];
	};
	t.deepEqual(stacked, seen);
	t.is(indexes.length, 100);
	for (const [layer, paths] of indexes.entries()) {
		const deleted = layer < 2 ? [] : [`d/.wh.f${layer - 2}`];
		t.deepEqual(paths, ['d', ...deleted, `d/f${layer}`, 'shared']);
	}
	t.deepEqual(rest, ['d', 'd/f98', 'd/f99', 'shared']);
});

function kernelIsAtLeast(major: number, minor: number): boolean {
	const [first = 0, second = 0] = release().split('.').map(Number);
	return first > major || (first === major && second >= minor);
}

function shown({path, type, link}: TarEntry): string {
	return `${type} ${path}${type === 'hardlink' ? ` = ${link}` : ''}`;
}
