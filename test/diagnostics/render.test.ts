import test from 'ava';
import {renderJson} from '../../src/diagnostics/render-json.ts';
import {renderText} from '../../src/diagnostics/render-text.ts';
import {unknownInstruction} from '../../src/diagnostics/syntax.ts';
import {labelAt} from './label-at.ts';

test('more than twenty problems are counted, not shown', (t) => {
	const text = Array.from({length: 25}, (_, line) => `X${line}x`).join('\n');
	const diagnostics = Array.from({length: 25}, (_, line) => unknownInstruction(labelAt(text, `X${line}x`), `X${line}`, undefined));
	const rendered = renderText(diagnostics.toReversed());
	t.true(rendered.endsWith('\nand 5 more\n'));
	t.true(rendered.startsWith('error[syntax/unknown-instruction]: there is no instruction `X0`'));
});

test('control characters of a file do not reach the terminal', (t) => {
	const label = labelAt('X\u001B[31m\u0007\u009B1m\u202Ey', 'X');
	t.notRegex(renderText([unknownInstruction(label, 'X\u001B]0;title\u0007', undefined)]), /[[\p{Cc}\u202E]--\n]/v);
});

test('carets stand below tabs and wide characters', (t) => {
	const rendered = renderText([unknownInstruction(labelAt('\t日本 é X', 'X'), 'X', undefined)]);
	const [, , , line = '', carets = ''] = rendered.split('\n');
	t.is(line.indexOf('X') + 2, carets.indexOf('^'), 'two of the characters before are two columns wide');
});

test('JSON has the names and the positions of the language server protocol', (t) => {
	const [first] = JSON.parse(renderJson([unknownInstruction(labelAt('FROM x\nRNU y', 'RNU'), 'RNU', 'RUN')])) as readonly unknown[];
	t.like(first as Record<string, unknown>, {
		code: 'syntax/unknown-instruction',
		severity: 1,
		range: {start: {line: 1, character: 0}, end: {line: 1, character: 3}},
		data: {help: ['did you mean `RUN`?']},
	});
});
