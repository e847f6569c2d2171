// What `npm run bench` runs: the workloads, boxbuild and its peers alternating, then tables of medians and ratios.
import {readFileSync, writeFileSync} from 'node:fs';
import {cpus, release} from 'node:os';
import {makeBench} from './bench.mjs';
import {readOptions} from './options.mjs';
import {runRounds} from './run-rounds.mjs';
import {renderTables} from './render-tables.mjs';
import {startTools} from './start-tools.mjs';
import {summarize} from './summarize.mjs';
import {workloads} from './workloads.mjs';

const options = readOptions(workloads.map(({name}) => name));
const bench = await makeBench(options);
const started = {tools: [], leftOut: []};
const samples = [];
try {
	await startTools(bench, options.tools, started);
	const chosen = workloads.filter(({name}) => options.only.includes(name));
	await runRounds(bench, {tools: started.tools, workloads: chosen, samples});
} catch (error) {
	if (error.name !== 'AbortError') throw error;
	console.log('interrupted');
	process.exitCode = 130;
} finally {
	for (const tool of started.tools) await tool.stop();
	await bench.remove();
}
const results = summarize(samples);
const machine = {
	cpu: cpus()[0]?.model,
	cores: cpus().length,
	memory: readFileSync('/proc/meminfo', 'utf8').split('\n')[0],
	kernel: release(),
};
console.log(renderTables(results, started));
if (options.json !== undefined) {
	const tools = started.tools.map(({name, version}) => ({name, version}));
	const report = {machine, node: process.version, rounds: options.rounds, tools, leftOut: started.leftOut, results};
	writeFileSync(options.json, `${JSON.stringify(report, null, '\t')}\n`);
}
const isMissing = options.tools.includes('boxbuild') && !started.tools.some(({name}) => name === 'boxbuild');
if (isMissing || samples.some(({failed}) => failed)) process.exitCode ??= 1;
