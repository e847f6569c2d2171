import test from 'ava';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {dirname, join, normalize} from 'node:path';
import {commands} from '../src/cli/commands/registry.ts';
import {codes} from '../src/diagnostics/code.ts';
import {exporters} from '../src/exporters/registry.ts';
import {instructions} from '../src/instructions/registry.ts';
import {idModes} from '../src/isolation/id-mode.ts';
import {stepRunners} from '../src/isolation/step-runners.ts';
import {drivers} from '../src/rootfs/drivers.ts';
import {sources} from '../src/sources/registry.ts';
import {topFolder} from './support/top.ts';

const top = topFolder();

/** The folders that each folder may import, besides itself: what stands to its left in src/README.md. */
const pure = [
	'core',
	'diagnostics',
	'grammar',
	'language',
	'tar',
	'oci',
	'plan',
	'sbom',
	'provenance',
	'instructions',
	'validation',
	'compile',
];
const adapters = ['context', 'rootfs', 'isolation', 'sources', 'exporters'];
const allowed: Readonly<Record<string, readonly string[]>> = {
	core: [],
	diagnostics: ['core'],
	grammar: ['core', 'diagnostics'],
	language: ['core', 'diagnostics', 'grammar'],
	tar: ['core', 'diagnostics'],
	oci: ['core', 'diagnostics', 'tar'],
	plan: ['core', 'diagnostics', 'grammar', 'language', 'oci'],
	sbom: ['core', 'diagnostics', 'tar', 'oci', 'plan'],
	provenance: ['core'],
	instructions: ['core', 'diagnostics', 'grammar', 'language', 'oci', 'plan'],
	validation: ['core', 'diagnostics', 'grammar', 'language', 'oci', 'plan', 'instructions'],
	compile: ['core', 'diagnostics', 'grammar', 'language', 'oci', 'plan', 'instructions', 'validation'],
	host: pure,
	store: [...pure, 'host'],
	http: [...pure, 'host'],
	registry: [...pure, 'host', 'store', 'http'],
	...Object.fromEntries(adapters.map((folder) => [folder, [...pure, 'host', 'store', 'http', 'registry']])),
	executor: [...pure, 'host', 'store', 'http', 'registry', ...adapters],
	cli: [...pure, 'host', 'store', 'http', 'registry', ...adapters, 'executor'],
};

interface SourceFile {
	/** From the top folder. */
	readonly path: string;
	readonly folder: string;
	readonly text: string;
}

function filesBelow(folder: string): readonly SourceFile[] {
	return readdirSync(join(top, folder), {recursive: true, encoding: 'utf8'})
		.filter((name) => name.endsWith('.ts'))
		.map((name) => {
			const path = `${folder}/${name}`;
			return {path, folder: folder === 'grammar' ? folder : (name.split('/')[0] ?? ''), text: readFileSync(join(top, path), 'utf8')};
		});
}

const files = [...filesBelow('src'), ...filesBelow('grammar')];

/** Module names that a file imports, types included. */
function importsOf({text}: SourceFile): readonly string[] {
	return [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'|\bimport\('([^']+)'\)|^import '([^']+)'/gmv)].map(
		([, from, dynamic, bare]) => from ?? dynamic ?? bare ?? '',
	);
}

function folderOf(from: SourceFile, name: string): string {
	const path = normalize(join(dirname(from.path), name));
	return path.startsWith('grammar/') ? 'grammar' : (path.split('/')[1] ?? '');
}

test('a folder imports only from the folders on its left', (t) => {
	const wrong = files.flatMap((file) =>
		importsOf(file)
			.filter((name) => name.startsWith('.'))
			.map((name) => folderOf(file, name))
			.filter((folder) => folder !== file.folder && allowed[file.folder]?.includes(folder) !== true)
			.map((folder) => `${file.path} imports ${folder}`),
	);
	t.deepEqual(wrong, []);
	t.deepEqual([...new Set(files.map(({folder}) => folder))].sort(), Object.keys(allowed).sort());
});

test('pure folders reach no file, no process, no clock, no chance and no environment', (t) => {
	const effects = new Set(['node:fs', 'node:fs/promises', 'node:child_process', 'node:os', 'node:net', 'node:worker_threads', 'execa']);
	const ambient = /\bprocess\.env\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\b|\brandomBytes\b|\brandomUUID\b/v;
	const inPure = files.filter(({folder}) => pure.includes(folder));
	const wrong = inPure.flatMap((file) => [
		...importsOf(file)
			.filter((name) => effects.has(name))
			.map((name) => `${file.path} imports ${name}`),
		...file.text
			.split('\n')
			.filter((line) => ambient.test(line) && !/^\s*(?:\/\/|\/?\*)/v.test(line))
			.map((line) => `${file.path}: ${line.trim()}`),
	]);
	t.true(inPure.length > 50);
	t.deepEqual(wrong, []);
});

test('files are small: the median has at most 80 lines, none more than 350', (t) => {
	const tables = new Set(['src/isolation/syscall-table.ts']);
	const lengths = files.map(({path, text}) => ({path, lines: text.split('\n').length - 1}));
	const sorted = lengths.map(({lines}) => lines).sort((one, two) => one - two);
	t.true((sorted[Math.floor(sorted.length / 2)] ?? 0) <= 80);
	t.deepEqual(
		lengths.filter(({path, lines}) => lines > 350 && !tables.has(path)),
		[],
	);
});

test('nothing is exported as default, and no folder has an index.ts', (t) => {
	t.deepEqual(
		files.filter(({text}) => /^export default\b/mv.test(text)).map(({path}) => path),
		[],
	);
	t.deepEqual(
		files.filter(({path}) => path.endsWith('/index.ts') && path !== 'src/index.ts').map(({path}) => path),
		[],
	);
});

test('the top folder holds what it may hold', (t) => {
	const documents = 'package.json package-lock.json tsconfig.json Boxfile.example README.md LICENSE CHANGELOG.md';
	const known = new Set(`${documents} src grammar examples test node_modules`.split(' '));
	t.deepEqual(
		readdirSync(top).filter((name) => !known.has(name) && !name.startsWith('.')),
		[],
	);
});

test('every diagnostic code is in the list, which is sorted; every code of the list has a factory', (t) => {
	t.deepEqual([...codes], [...codes].sort());
	t.is(new Set(codes).size, codes.length);
	const made = new Set(
		files
			.filter(({folder, path}) => folder === 'diagnostics' && path !== 'src/diagnostics/code.ts')
			.flatMap(({text}) => [...text.matchAll(/'([a-z]+\/[a-z\-]+)'/gv)].map(([, code]) => code ?? '')),
	);
	t.deepEqual([...made].filter((code) => !(codes as readonly string[]).includes(code)).sort(), []);
	t.deepEqual(
		codes.filter((code) => !made.has(code)),
		[],
	);
	const elsewhere = files.filter(({folder, text}) => folder !== 'diagnostics' && /^\s*code: '[a-z]+\/[a-z\-]+'/mv.test(text));
	t.deepEqual(
		elsewhere.map(({path}) => path),
		[],
	);
});

test('examples are built by a test', (t) => {
	const tests = readdirSync(join(top, 'test/e2e'))
		.map((name) => readFileSync(join(top, 'test/e2e', name), 'utf8'))
		.join('\n');
	const folders = readdirSync(join(top, 'examples'));
	t.deepEqual(
		folders.filter((name) => !tests.includes(`examples/${name}`)),
		[],
	);
	t.deepEqual(
		folders.filter((name) => !existsSync(join(top, 'examples', name, 'Boxfile'))),
		[],
	);
});

/** The names that people and files depend on; a change here is a change of the interface. BOXBUILD_UPDATE=1 writes the file anew. */
test('the registries have the names of test/fixtures/registry.json', (t) => {
	const path = join(top, 'test/fixtures/registry.json');
	const found = {
		instructions: instructions.map(({keyword}) => keyword),
		sources: Object.keys(sources),
		exporters: Object.keys(exporters),
		drivers: drivers.map(({name}) => name),
		idModes: idModes.map(({name}) => name),
		stepRunners: stepRunners.map(({name}) => name),
		commands: commands.map(({name}) => name),
		codes: [...codes],
	};
	if (process.env['BOXBUILD_UPDATE'] === '1') writeFileSync(path, `${JSON.stringify(found, undefined, '\t')}\n`);
	t.deepEqual(found, JSON.parse(readFileSync(path, 'utf8')) as typeof found);
});
