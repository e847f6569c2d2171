import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import {codes} from '../../src/diagnostics/code.ts';
import type {Diagnostic} from '../../src/diagnostics/diagnostic.ts';
import {renderText} from '../../src/diagnostics/render-text.ts';
import {topFolder} from '../support/top.ts';

const folder = join(topFolder(), 'test/fixtures/diagnostics');
const update = process.env['UPDATE_GOLDEN'] === '1';
const samplesFolder = new URL('./samples/', import.meta.url);
const files = readdirSync(samplesFolder)
	.filter((name) => name.endsWith('.js'))
	.sort();
const modules = await Promise.all(
	files.map((name) => import(new URL(name, samplesFolder).href) as Promise<{samples: readonly Diagnostic[]}>),
);
const byCode = new Map<string, Diagnostic[]>();
for (const sample of modules.flatMap(({samples}) => samples)) byCode.set(sample.code, [...(byCode.get(sample.code) ?? []), sample]);

test('every code has a sample', (t) => {
	t.deepEqual(
		codes.filter((code) => !byCode.has(code)),
		[],
	);
});

test('the codes are sorted and unique', (t) => {
	t.deepEqual([...codes], [...new Set(codes)].toSorted());
});

for (const [code, samples] of byCode) {
	test(`${code} is rendered as committed`, (t) => {
		const file = join(folder, `${code.replace('/', '--')}.txt`);
		const actual = renderText(samples);
		if (update) {
			mkdirSync(folder, {recursive: true});
			writeFileSync(file, actual);
		}
		t.is(actual, existsSync(file) ? readFileSync(file, 'utf8') : '');
	});
	test(`${code} keeps to the style of messages`, (t) => {
		for (const {message, because = [], help = []} of samples) {
			t.regex(message, /^(?:[^A-Z]|[A-Z]{2})/v, 'lower case start or a keyword');
			for (const text of [message, ...because, ...help]) t.notRegex(text, /[^.]\.$/v, 'no full stop');
			t.notRegex(message, /\n|\bfailed to\b/v);
		}
	});
}
