import * as fc from 'fast-check';
import test from 'ava';
import {keywords} from '../../src/instructions/registry.ts';
import {parseBoxfile} from '../../src/language/parse-boxfile.ts';
import {toParseJson} from '../../src/language/to-parse-json.ts';

interface Printed {
	readonly name: string;
	readonly flags: readonly {readonly name: string; readonly value: string}[];
	readonly args: readonly string[];
	readonly heredoc?: {readonly name: string; readonly content: string};
	/** The JSON form. */
	readonly json: boolean;
}

const word = fc
	.string({unit: fc.constantFrom('a', 'Z', '0', '.', '/', '*', '$x', '日', 'é', '-', ':'), minLength: 1, maxLength: 6})
	.map((text) => `w${text}`);
const anyText = fc.string({unit: fc.constantFrom('a', ' ', '"', '\\', '\t', '😀', '#', '$', ',', ']', '\n'), maxLength: 8});
const flags = fc.array(fc.record({name: fc.constantFrom('from', 'chown', 'other-flag'), value: word}), {maxLength: 2});
const plain = {flags: fc.constant([]), json: fc.constant(false)};
const line = fc.string({unit: fc.constantFrom('a', ' ', '\\', '#', '<<', '"', '\t'), maxLength: 8});

const instruction: fc.Arbitrary<Printed> = fc.oneof(
	fc.record({...plain, name: fc.constantFrom('FROM', 'EXPOSE'), args: fc.array(word, {minLength: 1, maxLength: 3})}),
	fc.record({...plain, flags, name: fc.constantFrom('COPY', 'ADD'), args: fc.array(word, {minLength: 2, maxLength: 4})}),
	fc.record({...plain, flags, name: fc.constantFrom('RUN', 'CMD', 'WORKDIR'), args: fc.tuple(word)}),
	fc.record({
		flags,
		json: fc.constant(true),
		name: fc.constantFrom('RUN', 'CMD', 'COPY', 'VOLUME'),
		args: fc.array(anyText, {maxLength: 3}),
	}),
	fc.record({
		...plain,
		name: fc.constantFrom('ENV', 'LABEL', 'ARG'),
		args: fc.array(
			fc.tuple(word, word).map((pair) => pair.join('=')),
			{minLength: 1, maxLength: 3},
		),
	}),
	fc.record({
		...plain,
		name: fc.constant('RUN'),
		args: fc.constant(['<<END']),
		heredoc: fc.record({
			name: fc.constant('END'),
			content: fc.array(line, {maxLength: 4}).map((lines) => lines.map((text) => `${text}\n`).join('')),
		}),
	}),
);

/** How the parts of an instruction may be separated: all of it means the same. */
const gap = fc.constantFrom(' ', '  ', '\t', ' \\\n', ' \\\n# comment\n  ', ' \\  \n\t');

function print({name, flags, args, heredoc, json}: Printed, gaps: readonly string[], letters: boolean): string {
	const parts = [letters ? name : name.toLowerCase(), ...flags.map((flag) => `--${flag.name}=${flag.value}`)];
	const words = json ? [JSON.stringify(args)] : args;
	const text = [...parts, ...words].map((part, index) => (index === 0 ? part : `${gaps[index % gaps.length] ?? ' '}${part}`)).join('');
	return `${text}\n${heredoc === undefined ? '' : `${heredoc.content}${heredoc.name}\n`}`;
}

test('what is printed is parsed as it was, however it is spaced', (t) => {
	const spacing = fc.tuple(fc.array(gap, {minLength: 1, maxLength: 4}), fc.boolean());
	const property = fc.property(fc.array(fc.tuple(instruction, spacing), {minLength: 1, maxLength: 6}), (entries) => {
		const text = entries.map(([one, [gaps, letters]]) => print(one, gaps, letters)).join('');
		const {value, diagnostics} = parseBoxfile({name: 'Boxfile', text}, keywords);
		if (diagnostics.length > 0 || value === undefined) return false;
		const expected = entries.map(([{name, flags, args, heredoc}]) => ({
			name,
			flags,
			args,
			heredocs: heredoc === undefined ? [] : [heredoc.content],
		}));
		const found = (toParseJson(value) as {readonly instructions: readonly Record<string, unknown>[]}).instructions.map((one) => ({
			name: one['name'],
			flags: one['flags'],
			args: one['args'],
			heredocs: (one['heredocs'] as readonly {readonly content: string}[]).map(({content}) => content),
		}));
		return JSON.stringify(found) === JSON.stringify(expected);
	});
	t.notThrows(() => fc.assert(property, {numRuns: 1500}));
});
