// Makes what ships: one bundle with lazily loaded chunks in .build/bin.
import {build} from 'esbuild';
import {rmSync} from 'node:fs';

const top = new URL('../../', import.meta.url).pathname;
rmSync(`${top}.build/bin`, {recursive: true, force: true});
await build({
	absWorkingDir: top,
	entryPoints: {boxbuild: 'src/cli/main.ts', worker: 'src/executor/worker/main.ts', 'file-thread': 'src/executor/worker/file-thread.ts'},
	outdir: '.build/bin',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node20.19',
	outExtension: {'.js': '.mjs'},
	external: ['koffi'],
	minifySyntax: true,
	logLevel: 'warning',
	banner: {js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);"},
});
