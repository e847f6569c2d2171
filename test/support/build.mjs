// Makes what ships, in .build/bin: a bundle for each kind of process and thread, the program that loads it, and what V8 compiles of it.
import {build} from 'esbuild';
import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import loadBundle from '../../src/load-bundle.cjs';
import {makeCodeCaches} from './make-code-caches.mjs';

const top = new URL('../../', import.meta.url).pathname;
const bin = `${top}.build/bin`;
const entryPoints = {
	'head-start': 'src/cli/head-start.ts',
	boxbuild: 'src/cli/main.ts',
	worker: 'src/executor/worker/main.ts',
	'file-thread': 'src/executor/worker/file-thread.ts',
	'digest-thread': 'src/executor/worker/digest-thread.ts',
	'owner-thread': 'src/isolation/owner-thread.ts',
};

/** Digest of the source: what a program remembers of its own work is worth nothing to another one. */
function digestOfSources() {
	const hash = createHash('sha256');
	for (const folder of ['grammar', 'src']) {
		for (const name of readdirSync(top + folder, {recursive: true}).sort()) {
			if (name.endsWith('.ts')) hash.update(`${folder}/${name}\0`).update(readFileSync(`${top}${folder}/${name}`));
		}
	}
	return hash.digest('hex');
}

/** Packages that most commands do not need: a file each, so that those commands need not read them. */
const packages = [
	'@cyclonedx/cyclonedx-library',
	'chevrotain',
	'execa',
	'packageurl-js',
	'smol-toml',
	'spdx-expression-parse',
	'tar-stream',
	'unbash',
	'yaml',
];

const options = {
	absWorkingDir: top,
	outdir: bin,
	bundle: true,
	format: 'cjs',
	platform: 'node',
	target: 'node20.19',
	// One file, read at once: what is imported later is compiled later. Names stay, for reports of bugs.
	supported: {'dynamic-import': false},
	define: {sourcesDigest: JSON.stringify(digestOfSources()), 'import.meta.url': 'bundleUrl'},
	minifySyntax: true,
	minifyWhitespace: true,
	charset: 'ascii',
	legalComments: 'none',
	logLevel: 'warning',
	// The file is one function, see load-bundle.cjs.
	banner: {
		js: '(function (exports, require, module, __filename) {const bundleUrl = require("node:url").pathToFileURL(__filename).href;',
	},
	footer: {js: '})'},
};
/** A build of hits compiles nothing, and what the others compile is data: to them the compiler is a package, with a code cache of its own. */
const compilerApart = {
	name: 'compiler',
	setup({onResolve}) {
		// esbuild takes expressions of Go, which has no flag v.
		onResolve({filter: new RegExp('/compile/compile[.]ts$')}, ({kind}) =>
			kind === 'dynamic-import' ? {path: 'compiler', external: true} : undefined,
		);
	},
};
rmSync(bin, {recursive: true, force: true});
mkdirSync(bin, {recursive: true});
// xmlbuilder2, libxmljs2: for CycloneDX in XML, which is not written.
await build({...options, entryPoints, plugins: [compilerApart], external: ['koffi', 'xmlbuilder2', ...packages]});
await build({
	...options,
	entryPoints: Object.fromEntries(
		[...packages.map((name) => [name, name]), ['compiler', 'src/compile/compile.ts']].map(([name, path]) => [
			loadBundle.fileOfPackage(name),
			path,
		]),
	),
	external: ['xmlbuilder2', 'libxmljs2', 'chevrotain', 'unbash'],
});
const programs = Object.keys(entryPoints).filter((name) => name !== 'head-start');
for (const name of programs) writeFileSync(`${bin}/${name}.cjs`, `require('../../src/load-bundle.cjs')(\`\${__dirname}/${name}\`);\n`);
makeCodeCaches(bin, programs);
