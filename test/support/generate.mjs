// `npm run generate`: writes grammar/generated.
import {build} from 'esbuild';
import {mkdirSync, rmSync, writeFileSync} from 'node:fs';

const top = new URL('../../', import.meta.url).pathname;
const bundle = `${top}.build/generate.mjs`;
await build({
	absWorkingDir: top,
	entryPoints: ['test/support/generated-files.ts'],
	outfile: bundle,
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node20.19',
	keepNames: true,
	packages: 'external',
	logLevel: 'warning',
});
const {generatedFiles} = await import(bundle);
mkdirSync(`${top}grammar/generated`, {recursive: true});
for (const [name, text] of Object.entries(generatedFiles())) writeFileSync(`${top}grammar/generated/${name}`, text);
rmSync(bundle);
