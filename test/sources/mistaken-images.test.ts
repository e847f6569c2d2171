import test from 'ava';
import {mistakenImages} from '../../src/sources/mistaken-images.ts';
import {compileText, codesOf} from '../support/compile-text.ts';

const text = 'FROM scratch AS base\nFROM scratch AS build\nFROM bash\nCOPY --from=biuld /a /b\n';

test('an image of the store is no misspelt stage', async (t) => {
	const {diagnostics} = compileText(text);
	t.deepEqual(codesOf({diagnostics}), ['stage/undefined-reference', 'stage/undefined-reference']);
	const contexts = await mistakenImages(diagnostics, {
		resolve: (name) => (name === 'docker.io/library/bash:latest' ? ({} as never) : undefined),
	});
	t.deepEqual(contexts, {bash: {kind: 'base', base: {kind: 'name', name: 'bash'}}});
	t.deepEqual(
		compileText(text, {contexts}).diagnostics.map(({data}) => data?.['name']),
		['biuld'],
	);
});
