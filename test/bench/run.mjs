// What `npm run bench` runs: the workloads, boxbuild and its peers alternating, then tables of medians and ratios; or with --curves how costs grow.
import {makeBench} from './bench.mjs';
import {curves, pointsOf, workloadsOf} from './curves.mjs';
import {judgeCurve} from './judge-curve.mjs';
import {readOptions} from './options.mjs';
import {prepareBases} from './prepare-bases.mjs';
import {renderCurves} from './render-curves.mjs';
import {renderTables} from './render-tables.mjs';
import {renderReruns, rerunNeeds, runReruns} from './reruns/run-reruns.mjs';
import {runRounds} from './run-rounds.mjs';
import {startTools} from './start-tools.mjs';
import {summarize} from './summarize.mjs';
import {workloads} from './workloads.mjs';
import {writeReport} from './write-report.mjs';

const namesOf = (list) => list.map(({name}) => name);
const options = readOptions({workloadNames: namesOf(workloads), curveNames: namesOf(curves)});
const isChosen = ({name}) => options.only.includes(name);
const chosenCurves = options.curves ? curves.filter(isChosen) : [];
const groups = options.reruns
	? [[rerunNeeds]]
	: options.curves
		? chosenCurves.map(workloadsOf)
		: workloads.filter(isChosen).map((workload) => [workload]);
const bench = makeBench(options);
const started = {tools: [], leftOut: []};
const samples = [];
const reruns = [];
try {
	const possible = new Set(await prepareBases(bench, groups.flat(), started.leftOut));
	if (possible.size > 0) await startTools(bench, options.tools, started);
	const prepared = groups.map((group) => group.filter((workload) => possible.has(workload)));
	if (options.reruns && possible.size > 0) reruns.push(...(await runReruns(bench, started.tools)));
	else await runRounds(bench, {...started, groups: prepared, samples, watched: !options.curves});
} catch (error) {
	if (error.name !== 'AbortError') throw error;
	console.log('interrupted');
	process.exitCode = 130;
} finally {
	for (const tool of started.tools) await tool.stop();
	await bench.remove();
}
const results = summarize(samples);
const judged = chosenCurves.flatMap((curve) =>
	pointsOf(curve, results).map((group) => ({curve, ...group, ...judgeCurve(group.points, curve)})),
);
if (options.reruns) console.log(renderReruns(reruns, started));
else console.log(options.curves ? renderCurves(judged, started) : renderTables(results, started));
if (options.json !== undefined) {
	const reported = judged.map(({curve: {name, title, unit}, points, ...rest}) => {
		const plain = points.map(({result, ...point}) => ({...point, median: result.median, medianCpu: result.cpu}));
		return {name, title, unit, points: plain, ...rest};
	});
	writeReport(options.json, {options, started, results, curves: reported, reruns});
}
const isMissing = options.tools.includes('boxbuild') && !started.tools.some(({name}) => name === 'boxbuild');
if (isMissing || samples.length + reruns.length === 0 || samples.some(({failed}) => failed)) process.exitCode ??= 1;
