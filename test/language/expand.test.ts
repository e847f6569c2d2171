import test from 'ava';
import {expand} from '../../src/language/expand.ts';

const values: Readonly<Record<string, string>> = {A: 'a', E: '', P: '/usr/lib/x.tar.gz', W: 'two words', S: 'a*b', PWD: '/home'};

/** From BuildKit's envVarTest and wordsTest, and from the reference documentation; `!` stands for an error. */
const table: readonly (readonly [text: string, expected: string])[] = [
	['hello', 'hello'],
	["he'll'o", 'hello'],
	['he"llo"', 'hello'],
	["'", '!'],
	['"', '!'],
	["he'$A'o", 'he$Ao'],
	['he"$A"o', 'heao'],
	["he\\'llo", "he'llo"],
	['he\\$A', 'he$A'],
	['"he\\$A"', 'he$A'],
	['"he\\llo"', 'he\\llo'],
	["'he\\llo'", 'he\\llo'],
	['he\\', 'he'],
	['$', '$'],
	['he$', 'he$'],
	['he$.', 'he$.'],
	['$A$A', 'aa'],
	['${A}b', 'ab'],
	['$Ab', ''],
	['$1x', 'x'],
	['${', '!'],
	['${A', '!'],
	['${}', '!'],
	['${:}', '!'],
	['${{A}}', '!'],
	['${A!x}', '!'],
	['${A^^}', '!'],
	['${A:#a}', ''],
	['${A:-b}', 'a'],
	['${E:-b}', 'b'],
	['${E-b}', ''],
	['${N:-b}', 'b'],
	['${N-b}', 'b'],
	['${N:-${A}}', 'a'],
	['${N:-"q u"}', 'q u'],
	['${N:-\\}}', '}'],
	['${A:+b}', 'b'],
	['${E:+b}', ''],
	['${E+b}', 'b'],
	['${N+b}', ''],
	['${A:?no}', 'a'],
	['${E:?no}', '!'],
	['${E?no}', ''],
	['${N?no}', '!'],
	['${P#*/}', 'usr/lib/x.tar.gz'],
	['${P##*/}', 'x.tar.gz'],
	['${P%.*}', '/usr/lib/x.tar'],
	['${P%%.*}', '/usr/lib/x'],
	['${P#?usr}', '/lib/x.tar.gz'],
	['${P%nothing}', '/usr/lib/x.tar.gz'],
	['${S#a\\*}', 'b'],
	['${S%\\x}', '!'],
	['${S#"a\\*"}', 'a*b'],
	["${S#'a\\*'}", 'b'],
	['${S%"${N:-\\*b}"}', 'a*'],
	['${P/r/R}', '/usR/lib/x.tar.gz'],
	['${P//r/R}', '/usR/lib/x.taR.gz'],
	['${P/*\\//}', 'x.tar.gz'],
	['${P//[a]/}', '/usr/lib/x.tar.gz'],
	['${E/*/x}', 'x'],
	['${E//*/x}', 'x'],
	['${A//*/x}', 'x'],
	['${S//?/x}', 'xxx'],
	['${S///-}', '-a-*-b-'],
	['${N///-}', '-'],
	['${S/b/\\/}', 'a*\\/'],
	['${A/', '!'],
	['$W', 'two words'],
	['日${A}本', '日a本'],
	['😀${A}', '😀a'],
];

for (const [text, expected] of table) {
	test(`${text} expands to ${expected === '!' ? 'an error' : `"${expected}"`}`, (t) => {
		const expansion = expand(text, {lookup: (name) => values[name], escape: '\\'});
		t.is(expansion.ok ? expansion.value : '!', expected);
	});
}

test('variables are split into words and quoted ones are not', (t) => {
	const expansion = expand('x $W "$W" a\\ b', {lookup: (name) => values[name], escape: '\\'});
	t.deepEqual(expansion.ok && expansion.words, ['x', 'two', 'words', 'two words', 'a b']);
});

test('the escape directive changes what escapes', (t) => {
	const expansion = expand('C:\\x`$A "`""', {lookup: (name) => values[name], escape: '`'});
	t.is(expansion.ok && expansion.value, 'C:\\x$A "');
});

test('names without a value are told', (t) => {
	const expansion = expand('$N ${M:-x} $A', {lookup: (name) => values[name], escape: '\\'});
	t.deepEqual(expansion.ok && expansion.unset, ['N']);
});

test('hostile nesting is an error and costs nothing', (t) => {
	t.false(expand('${a:-'.repeat(100_000), {lookup: () => undefined, escape: '\\'}).ok);
});

test('hostile patterns end in time', (t) => {
	const expansion = expand(`\${L%%${'*a'.repeat(30)}b}`, {lookup: () => 'a'.repeat(2000), escape: '\\'});
	t.true(expansion.ok);
});
