import test from 'ava';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {check} from '../../src/compile/check.ts';
import type {Label} from '../../src/diagnostics/diagnostic.ts';
import {renderText} from '../../src/diagnostics/render-text.ts';
import {rawOf} from '../../src/core/raw-path.ts';
import {matchIgnore, mayPrune, parseIgnore} from '../../src/language/ignore.ts';
import type {ImageConfig} from '../../src/oci/image-config.ts';
import {lintRules} from '../../src/validation/rules/registry.ts';
import {topFolder} from '../support/top.ts';

const folder = join(topFolder(), 'grammar/rules');

interface Example {
	readonly text: string;
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly ignore: string | undefined;
	readonly bases: ReadonlyMap<string, ImageConfig>;
}

/** The fenced blocks below a heading: Dockerfile text (`--build-arg N=V` and `--base NAME=ARCHITECTURE` may stand behind the language), and an ignore file for it. */
function examplesOf(page: string, heading: string): readonly Example[] {
	const section = page.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0] ?? '';
	const blocks = [...section.matchAll(/^```(\S+)(.*)\n([\s\S]*?)^```$/gmv)].map(([, language, options = '', text = '']) => ({
		language,
		options,
		text,
	}));
	const ignore = blocks.find(({language}) => language === 'dockerignore')?.text;
	return blocks
		.filter(({language}) => language === 'Dockerfile')
		.map(({options, text}) => ({
			text,
			ignore,
			buildArgs: Object.fromEntries([...options.matchAll(/--build-arg (\w+)=(\S+)/gv)].map(([, name = '', value = '']) => [name, value])),
			bases: new Map(
				[...options.matchAll(/--base (\S+)=(\S+)/gv)].map(([, name = '', architecture = '']) => [name, imageFor(architecture)]),
			),
		}));
}

function imageFor(architecture: string): ImageConfig {
	return {os: 'linux', architecture, rootfs: {type: 'layers', diff_ids: []}};
}

function findings({text, buildArgs, ignore, bases}: Example): {readonly codes: readonly string[]; readonly text: string} {
	const rules = ignore === undefined ? undefined : parseIgnore({name: '.dockerignore', text: ignore}).value;
	const ignoredBy = (path: string): Label | undefined => {
		const by = rules !== undefined && mayPrune(rules, rawOf(path)) ? matchIgnore(rules, rawOf(path)).by : undefined;
		return rules !== undefined && by !== undefined ? {source: rules.source, span: by.span} : undefined;
	};
	const options = {buildArgs, labels: {}, platform: {os: 'linux', architecture: 'amd64'}, bases, ignoredBy} as const;
	const found = check({name: 'Boxfile', text}, options);
	return {codes: found.map(({code}) => code), text: renderText(found)};
}

for (const {name, buildkit, summary, reportedAs, experimental} of lintRules) {
	const page = readFileSync(join(folder, `${name}.md`), 'utf8');
	const code = reportedAs ?? `lint/${name}`;

	test(`the page of ${name} says what the rule is`, (t) => {
		t.true(page.startsWith(`# ${name}\n`));
		t.is(/^BuildKit: (.*)$/mv.exec(page)?.[1], buildkit);
		t.true(page.includes(`\n${summary}`), 'the summary stands on the page');
		t.is(/^Code: `(.*)`$/mv.exec(page)?.[1], code);
		t.is(page.includes('experimental='), experimental === true);
	});

	test(`the bad examples of ${name} give its finding and nothing else`, (t) => {
		const examples = examplesOf(page, 'Bad');
		t.true(examples.length > 0);
		for (const example of examples) {
			const found = findings(example);
			t.deepEqual([...new Set(found.codes)], [code], found.text);
		}
	});

	test(`the good examples of ${name} give no finding`, (t) => {
		const examples = examplesOf(page, 'Good');
		t.true(examples.length > 0);
		for (const example of examples) {
			const found = findings(example);
			t.deepEqual(found.codes, [], found.text);
		}
	});
}

test('every rule has a page and every page a rule', (t) => {
	const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
	t.deepEqual(pages.toSorted(), lintRules.map(({name}) => `${name}.md`).toSorted());
});

test('the list of rules has every rule with its summary', (t) => {
	const list = readFileSync(join(folder, 'README.md'), 'utf8');
	const rows = lintRules.map(({name, buildkit, summary}) => `| [${name}](${name}.md) | ${buildkit ?? ''} | ${summary} |`);
	t.deepEqual(
		rows.filter((row) => !list.includes(row)),
		[],
	);
});
