import test from 'ava';
import {keywords} from '../../src/instructions/registry.ts';
import {parseBoxfile} from '../../src/language/parse-boxfile.ts';
import {shellCommands} from '../../src/validation/shell-commands.ts';

const cases: readonly (readonly [text: string, commands: readonly string[]])[] = [
	['RUN a b && c; d | e || f', ['a b', 'c', 'd', 'e', 'f']],
	['RUN A=1 sudo apt-get install x', ['apt-get install x']],
	['RUN echo "a && b" \'c ; d\' e\\ f', ['echo a && b c ; d e f']],
	['RUN a \\\n  # comment && z\n  b && \\\n\n  c', ['a b', 'c']],
	['RUN if a; then b; else c; fi', ['a', 'b', 'c']],
	['RUN (cd /x && make) && y', ['cd /x', 'make', 'y']],
	['RUN <<EOF\na b # no\n\nc \\\n d\ne;f\nEOF', ['a b', 'c d', 'e', 'f']],
	['RUN ["a", "b c"]', ['a b c']],
	['RUN --network=none a', ['a']],
	['RUN a $(b c) "$(d)" && for i in x; do e $i; done', ['a $(b c) $(d)', 'b c', 'd', 'e $i']],
	['RUN cat <<EOF > x && b\nc && d\nEOF', ['cat', 'b']],
];

for (const [text, expected] of cases) {
	test(`the commands of ${JSON.stringify(text)}`, (t) => {
		const boxfile = parseBoxfile({name: 'Boxfile', text: `FROM scratch\n${text}\n`}, keywords).value;
		const run = boxfile?.instructions[1];
		if (boxfile === undefined || run === undefined) return t.fail('it does not parse');
		const commands = shellCommands(run, boxfile);
		t.deepEqual(
			commands.map(({words}) => words.join(' ')),
			expected,
		);
		// A place begins with the first word, whatever is between it and the start of the line.
		for (const {words, span} of commands)
			t.true(
				boxfile.source.text
					.slice(span.start, span.end)
					.replaceAll(/["']/gv, '')
					.startsWith(words[0] ?? ''),
			);
		t.deepEqual(
			commands.map(({followed}) => followed),
			commands.map((_, index) => index < commands.length - 1),
		);
	});
}

test('a script that is nested deeper than anybody writes is no crash', (t) => {
	for (const [open, close] of [
		['(', ')'],
		['$(', ')'],
		['"$(echo ', ')"'],
		['if a; then ', '; fi'],
	] as const) {
		const boxfile = parseBoxfile({name: 'Boxfile', text: `FROM scratch\nRUN ${open.repeat(8000)}a${close.repeat(8000)}\n`}, keywords).value;
		const run = boxfile?.instructions[1];
		if (boxfile === undefined || run === undefined) return t.fail('it does not parse');
		t.notThrows(() => shellCommands(run, boxfile));
	}
});
