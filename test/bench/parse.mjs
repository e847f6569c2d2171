// How long reading a Boxfile of 2000 lines takes: `node test/bench/parse.mjs [--processes N] [--lines N]`.
// The text is the same in every run. Each process parses a file of one line (start-up: that makes the lexer and the parser), the text once (cold)
// and then again and again (warm); loading the program is not counted. Medians in milliseconds; exit code 1 when the cold one is over 50.
import {build} from 'esbuild';
import {spawnSync} from 'node:child_process';
import {rmSync, writeFileSync} from 'node:fs';
import {parseArgs} from 'node:util';

const most = 50;
const top = new URL('../../', import.meta.url).pathname;
const {values} = parseArgs({options: {processes: {type: 'string', default: '11'}, lines: {type: 'string', default: '2000'}}});
const [program, text, child] = ['parse.mjs', 'parse.Boxfile', 'parse-child.mjs'].map((name) => `${top}.build/${name}`);

await build({
	absWorkingDir: top,
	stdin: {
		contents: `export {parseBoxfile} from './src/language/parse-boxfile.ts'; export {keywords} from './src/instructions/registry.ts';`,
		resolveDir: top,
		loader: 'ts',
	},
	outfile: program,
	bundle: true,
	format: 'esm',
	platform: 'node',
	target: 'node20.19',
	minifySyntax: true,
	logLevel: 'warning',
});
writeFileSync(child, `(${measure})(${JSON.stringify(program)}, ${JSON.stringify(text)});`);
try {
	process.exitCode = report(makeText(Number(values.lines))) > most ? 1 : 0;
} finally {
	for (const file of [program, text, child]) rmSync(file);
}

function report(boxfile) {
	writeFileSync(text, boxfile);
	const runs = Array.from({length: Number(values.processes)}, run);
	const [{lines, instructions, diagnostics}] = runs;
	const [startUp, cold, warm] = ['startUp', 'cold', 'warm'].map((name) => median(runs.map((one) => one[name])));
	console.log(
		`${lines} lines, ${instructions} instructions, ${diagnostics} diagnostics: start-up ${startUp.toFixed(1)} ms, cold ${cold.toFixed(1)} ms, warm ${warm.toFixed(1)} ms`,
	);
	return cold;
}

function run() {
	const {stdout, stderr, status} = spawnSync(process.execPath, [child], {encoding: 'utf8', timeout: 60_000, env: {PATH: process.env.PATH}});
	if (status !== 0) throw new Error(stderr);
	return JSON.parse(stdout);
}

/** Runs in a process of its own. */
async function measure(program, file) {
	const {readFileSync} = await import('node:fs');
	const source = {name: 'Boxfile', text: readFileSync(file, 'utf8')};
	const {parseBoxfile, keywords} = await import(program);
	const times = [];
	const begin = performance.now();
	let outcome = parseBoxfile({name: 'Boxfile', text: 'FROM scratch\n'}, keywords);
	const startUp = performance.now() - begin;
	for (let count = 0; count < 21; count++) {
		const start = performance.now();
		outcome = parseBoxfile(source, keywords);
		times.push(performance.now() - start);
	}
	const [cold, ...warm] = times;
	warm.sort((a, b) => a - b);
	const {value, diagnostics} = outcome;
	const lines = source.text.split('\n').length - 1;
	console.log(
		JSON.stringify({lines, startUp, cold, warm: warm[10], instructions: value.instructions.length, diagnostics: diagnostics.length}),
	);
}

function median(numbers) {
	return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** Stages as people write them, until there are enough lines; the rest is one comment a line. */
function makeText(lines) {
	const made = ['# syntax=docker/dockerfile:1', 'ARG VERSION=1.2.3', 'ARG BASE=debian:bookworm'];
	for (let number = 0; ; number++) {
		const stage = stageLines(number);
		if (made.length + stage.length > lines) break;
		made.push(...stage);
	}
	while (made.length < lines) made.push('# the end');
	return `${made.join('\n')}\n`;
}

function stageLines(number) {
	const packages = ['build-essential', 'ca-certificates', 'curl', 'git', 'libssl-dev', 'pkg-config', 'python3', 'zlib1g-dev'];
	return [
		'',
		`# stage-${number} builds part ${number} of the program`,
		`FROM --platform=$BUILDPLATFORM \${BASE} AS stage-${number}`,
		'ARG VERSION TARGETOS TARGETARCH',
		`ENV PART=part-${number} \\`,
		'    LANG=C.UTF-8 \\',
		'    PATH="/opt/tools/bin:$PATH"',
		`LABEL org.opencontainers.image.title="part ${number}" org.opencontainers.image.version=$VERSION`,
		`WORKDIR /src/part-${number}`,
		'RUN --mount=type=cache,target=/var/cache/apt,sharing=locked \\',
		'    --mount=type=cache,target=/var/lib/apt,sharing=locked \\',
		'    apt-get update && apt-get install -y --no-install-recommends \\',
		...packages.map((name) => `        ${name} \\`),
		'    # what the tests need',
		'    && rm -rf /var/lib/apt/lists/*',
		'COPY --chown=1000:1000 package.json package-lock.json ./',
		'COPY --link --exclude=**/*.md src/ ./src/',
		`COPY ["with space-${number}.txt", "/opt/with space/"]`,
		`RUN if [ "$TARGETARCH" = arm64 ]; then echo "arm"; else echo 'other'; fi; make -j"$(nproc)" PART=${number} \\`,
		'    && make install DESTDIR=/out || exit 1',
		'RUN <<EOF',
		'set -eu',
		...['configure', 'compile', 'check'].flatMap((step) => [`echo "${step} $PART"`, `./${step}.sh --prefix=/usr --with-part=${number}`]),
		'EOF',
		`COPY <<-"EOF" /etc/part-${number}.conf`,
		'	name = part',
		`	number = ${number}`,
		'EOF',
		...(number === 0 ? [] : [`COPY --from=stage-${number - 1} /out/ /out/`]),
		`EXPOSE ${8000 + number} ${9000 + number}/udp`,
		'VOLUME /data /cache',
		'USER 1000:1000',
		'HEALTHCHECK --interval=30s --timeout=3s CMD curl -f http://localhost/ || exit 1',
		'ENTRYPOINT ["/usr/bin/part", "--verbose"]',
		`CMD ["--number", "${number}"]`,
	];
}
