import test from 'ava';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {instructions} from '../../src/instructions/registry.ts';
import {generatedFiles} from '../support/generated-files.ts';
import {topFolder} from '../support/top.ts';

const folder = join(topFolder(), 'grammar/generated');
const files = generatedFiles();

for (const [name, text] of Object.entries(files)) {
	test(`grammar/generated/${name} is what \`npm run generate\` writes`, (t) => {
		t.is(readFileSync(join(folder, name), 'utf8'), text);
	});
}

test('grammar/generated holds nothing else', (t) => {
	t.deepEqual(readdirSync(folder).sort(), Object.keys(files).sort());
});

test('the expressions of the TextMate grammar find keywords, flags and heredocs', (t) => {
	const {repository} = JSON.parse(files['boxfile.tmLanguage.json'] ?? '') as {
		readonly repository: Readonly<Record<string, {readonly match?: string; readonly begin?: string}>>;
	};
	// JavaScript has no `(?i:...)`; the rest of the expressions is common to both.
	const expression = (part: string, kind: 'match' | 'begin') => new RegExp((repository[part]?.[kind] ?? '').replaceAll('(?i:', '(?:'), 'i');
	for (const {keyword} of instructions) t.regex(`${keyword} x`, expression('instruction', 'match'));
	for (const flag of instructions.flatMap(({flags}) => flags)) t.regex(` --${flag.name}=x`, expression('flag', 'match'));
	t.regex('RUN <<EOF', expression('heredoc', 'begin'));
	t.regex('# escape=`', expression('directive', 'match'));
	t.notRegex('RUNNER x', expression('instruction', 'match'));
	t.notRegex('COPY a b', expression('heredoc', 'begin'));
});
