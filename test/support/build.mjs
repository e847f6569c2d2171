// Makes what ships: one bundle with lazily loaded chunks in .build/bin.
import {build} from 'esbuild';
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, rmSync} from 'node:fs';

const top = new URL('../../', import.meta.url).pathname;
rmSync(`${top}.build/bin`, {recursive: true, force: true});
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

await build({
	absWorkingDir: top,
	entryPoints: {
		boxbuild: 'src/cli/main.ts',
		worker: 'src/executor/worker/main.ts',
		'file-thread': 'src/executor/worker/file-thread.ts',
		'owner-thread': 'src/isolation/owner-thread.ts',
	},
	outdir: '.build/bin',
	bundle: true,
	splitting: true,
	format: 'esm',
	platform: 'node',
	target: 'node20.19',
	outExtension: {'.js': '.mjs'},
	// xmlbuilder2: for CycloneDX in XML, which is not written.
	external: ['koffi', 'xmlbuilder2'],
	define: {sourcesDigest: JSON.stringify(digestOfSources())},
	minifySyntax: true,
	logLevel: 'warning',
	banner: {js: "import {createRequire as __createRequire} from 'node:module'; const require = __createRequire(import.meta.url);"},
});
