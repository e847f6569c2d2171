import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import test from 'ava';
import type {CompileOptions} from '../../src/compile/compile.ts';
import type {Source} from '../../src/core/source.ts';
import {renderText} from '../../src/diagnostics/render-text.ts';
import {keywords} from '../../src/instructions/registry.ts';
import {parseBoxfile} from '../../src/language/parse-boxfile.ts';
import {toParseJson} from '../../src/language/to-parse-json.ts';
import type {ImageConfig} from '../../src/oci/image-config.ts';
import {compileText} from '../support/compile-text.ts';
import {topFolder} from '../support/top.ts';

const folder = join(topFolder(), 'test/fixtures/language/cases');
const update = process.env['UPDATE_GOLDEN'] === '1';

/** options.json of a case: compile options, and the configurations of bases as an object. */
type CaseOptions = Partial<Omit<CompileOptions, 'bases'>> & {readonly bases?: Readonly<Record<string, ImageConfig>>};

for (const name of readdirSync(folder).sort()) {
	test(`case ${name} gives what is expected`, (t) => {
		const text = readFileSync(join(folder, name, 'Boxfile'), 'utf8');
		const optionsFile = join(folder, name, 'options.json');
		const given = existsSync(optionsFile) ? (JSON.parse(readFileSync(optionsFile, 'utf8')) as CaseOptions) : {};
		const {bases = {}, ...options} = given;
		const {value, diagnostics} = compileCase(join(folder, name), text, {...options, bases: new Map(Object.entries(bases))});
		const syntax = parseBoxfile({name: 'Boxfile', text}, keywords).value;
		if (diagnostics.length > 0) compare(t, join(folder, name, 'expected.txt'), renderText(diagnostics));
		else t.false(existsSync(join(folder, name, 'expected.txt')), 'diagnostics were expected');
		if (value === undefined) return;
		const {steps = [], ...plan} = value.plan ?? {};
		const brief = steps.map(({origin: {text: line, span}, ...step}) => ({...step, text: line, span}));
		const syntaxTree = syntax === undefined ? null : toParseJson(syntax);
		const files = value.files.length === 0 ? {} : {files: value.files.map(({file, span}) => ({file, span}))};
		const needs = value.needs.map(({name, base, span}) => ({name, base, span}));
		compare(
			t,
			join(folder, name, 'expected.json'),
			`${JSON.stringify({...plan, steps: brief, needs, ...files, syntax: syntaxTree}, undefined, '\t')}\n`,
		);
	});
}

/** Other Boxfiles are those of the folder; one that is not there stays asked for. */
function compileCase(directory: string, text: string, options: Partial<CompileOptions>): ReturnType<typeof compileText> {
	const files = new Map<string, Source>();
	for (;;) {
		const outcome = compileText(text, {...options, files});
		const found = (outcome.value?.files ?? []).filter(({file}) => existsSync(join(directory, file)));
		if (found.length === 0) return outcome;
		for (const {file} of found) files.set(file, {name: file, text: readFileSync(join(directory, file), 'utf8')});
	}
}

function compare(t: {readonly is: (actual: string, expected: string) => unknown}, file: string, actual: string): void {
	if (update) writeFileSync(file, actual);
	t.is(actual, existsSync(file) ? readFileSync(file, 'utf8') : '');
}
