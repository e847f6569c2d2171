// Throws random Boxfiles at check, compile and the renderers for some minutes: `node test/bench/fuzz.mjs [--minutes N] [--seed N]`.
// Every text follows from its seed, so a finding is a number; what fails, or takes over a second, is printed with it. Exit code 1 then.
import {build} from 'esbuild';
import {readdirSync, readFileSync, rmSync} from 'node:fs';
import {parseArgs} from 'node:util';

const top = new URL('../../', import.meta.url).pathname;
const {values} = parseArgs({options: {minutes: {type: 'string', default: '2'}, seed: {type: 'string', default: '1'}}});
const slow = 1000;
const program = await load();
const corpus = readCorpus();
const end = performance.now() + Number(values.minutes) * 60_000;
const failures = [];
let seed = Number(values.seed);
for (; performance.now() < end && failures.length < 20; seed++) tryOne(seed, makeText(seed));
console.log(`seeds ${values.seed} to ${seed - 1}: ${failures.length} failures`);
process.exit(failures.length === 0 ? 0 : 1);

async function load() {
	const outfile = `${top}.build/fuzz.mjs`;
	const contents = `export {check} from './src/compile/check.ts'; export {renderText} from './src/diagnostics/render-text.ts';
		export {renderJson} from './src/diagnostics/render-json.ts'; export {renderSarif} from './src/diagnostics/render-sarif.ts';
		export {parseIgnore} from './src/language/ignore.ts';`;
	await build({
		absWorkingDir: top,
		stdin: {contents, resolveDir: top, loader: 'ts'},
		outfile,
		bundle: true,
		format: 'esm',
		platform: 'node',
		target: 'node20.19',
		logLevel: 'warning',
	});
	try {
		return await import(outfile);
	} finally {
		rmSync(outfile);
	}
}

/** The Boxfiles of the golden cases: what is mutated. */
function readCorpus() {
	const folder = `${top}test/fixtures/language/cases`;
	return readdirSync(folder)
		.sort()
		.map((name) => readFileSync(`${folder}/${name}/Boxfile`, 'utf8'));
}

function tryOne(seed, text) {
	const started = performance.now();
	try {
		const source = {name: 'Boxfile', text};
		const options = {buildArgs: {A: '1'}, labels: {}, platform: {os: 'linux', architecture: 'amd64'}, bases: new Map()};
		const found = program.check(source, options);
		for (const render of [program.renderText, program.renderJson, program.renderSarif]) render(found);
		program.parseIgnore(source);
		const outside = found.find(
			({primary}) => primary !== undefined && (primary.span.start > primary.span.end || primary.span.end > primary.source.text.length),
		);
		if (outside !== undefined) throw new Error(`the place of ${outside.code} is outside of the text`);
	} catch (error) {
		report(seed, text, error instanceof Error ? error.stack : error);
	}
	const milliseconds = Math.round(performance.now() - started);
	if (milliseconds > slow) report(seed, text, `${milliseconds} ms for ${text.length} characters`);
}

function report(seed, text, problem) {
	failures.push(seed);
	console.log(`seed ${seed}: ${problem}\n${JSON.stringify(text.slice(0, 2000))}\n`);
}

/** Two cases spliced, then a few pieces put in, taken out or repeated. */
function makeText(seed) {
	const random = mulberry32(seed);
	const pick = (list) => list[Math.floor(random() * list.length)];
	const pieces = [
		'\n',
		'\\\n',
		'`\n',
		'"',
		"'",
		'$',
		'${',
		'}',
		':-',
		'${a:-',
		'<<E\n',
		'<<-"E"',
		'E\n',
		'[',
		'"]',
		',',
		'=',
		'--',
		'--from=',
		'#',
		'\uFEFF',
		'\0',
		'\r',
		'\u2028',
		'😀',
		'日',
		'\t',
		' && ',
		'RUN ',
		'FROM ',
		'ONBUILD ',
		'# check=',
		'**/',
		'[a-',
		'\u001b[',
	];
	let text = pick(corpus) + (random() < 0.5 ? pick(corpus) : '');
	for (let count = Math.floor(random() * 12); count > 0; count--) {
		const at = Math.floor(random() * (text.length + 1));
		const length = Math.floor(random() * 12);
		const kind = random();
		if (kind < 0.5) text = text.slice(0, at) + pick(pieces) + text.slice(at);
		else if (kind < 0.75) text = text.slice(0, at) + text.slice(at + length);
		else if (kind < 0.97) text = text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
		else text = text.slice(0, at) + pick(pieces).repeat(3000) + text.slice(at);
	}
	return text;
}

/** A small random number generator whose whole state is the seed. */
function mulberry32(state) {
	let next = state;
	return () => {
		next = (next + 0x6d2b79f5) | 0;
		let mixed = Math.imul(next ^ (next >>> 15), 1 | next);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}
