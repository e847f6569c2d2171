import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';
import {fileURLToPath} from 'node:url';
import {check} from './check.mjs';
import {watchPeaks} from './watch-peaks.mjs';

const warmMemory = fileURLToPath(new URL('warm-memory.mjs', import.meta.url));

/**
 * Runs every workload in every round with every tool, a different tool first in each round, then, with `watched`, once more with boxbuild while
 * the memory of its processes is watched. The workloads of a group alternate, too: the rounds go through all of them. Adds the samples as
 * they come: {workload, title, content, phase, goal, tool, round, seconds, cpu, peak, written}, {..., peaks} of a watched run, or
 * {..., failed: true} when the build failed. A workload that cannot be prepared is left out.
 *
 * What is not huge is deleted by the tools' `stop` and `bench.remove`: ext4 without a journal uses no inode again in the minute after its deletion, and
 * a mkdir(2) of the workloads that follow would take milliseconds to find another.
 */
export async function runRounds(bench, {tools, groups, samples, leftOut, watched}) {
	for (const group of groups) {
		const prepared = [];
		try {
			for (const workload of group) prepared.push(...(await prepare(bench, workload, leftOut)));
			for (const {tool, round, isWatched} of runsOf(tools, bench.rounds, watched)) {
				for (const {workload, context} of prepared) {
					samples.push(...(await runPhases(bench, {tool, workload, context, round, isWatched})));
					if (workload.isHuge) await tool.clean?.();
				}
			}
		} finally {
			for (const {started} of prepared) await started?.stop();
		}
	}
}

/** The workload with its context and what it started, as a list; an empty one when it cannot be prepared. */
async function prepare(bench, workload, leftOut) {
	const context = bench.own(join('contexts', workload.name));
	try {
		await workload.write(context, bench);
		return [{workload, context, started: await workload.start?.(context, bench)}];
	} catch (error) {
		if (error.name === 'AbortError') throw error;
		leftOut.push({name: workload.name, reason: error.message});
		console.log(`${workload.name} is left out: ${error.message}`);
		await bench.asSelf(['rm', '-rf', context]);
		return [];
	}
}

function runsOf(tools, rounds, watched) {
	const measured = Array.from({length: rounds}, (_, round) => tools.map((_, at) => ({tool: tools[(at + round) % tools.length], round})));
	const ours = watched ? tools.filter(({name}) => name === 'boxbuild') : [];
	return [...measured.flat(), ...ours.map((tool) => ({tool, round: rounds, isWatched: true}))];
}

async function runPhases(bench, {tool, workload, context, round, isWatched}) {
	const samples = [];
	const about = {workload: workload.name, title: workload.title, content: workload.content, tool: tool.name, round};
	try {
		await tool.reset();
		for (const phase of workload.phases) {
			phase.change?.(context, `${tool.name} ${round}\n`);
			const action = phase.action === undefined ? tool.build : tool.actions?.[phase.action];
			if (action === undefined) continue;
			await tool.prepare?.[phase.action]?.();
			await settle(bench, workload);
			const run = () => action(context, {phase, workload});
			const {result, peaks} = isWatched ? await watch(bench, run) : {result: await run()};
			if (result === undefined) break;
			if (result.status !== 0) throw new Error(`${phase.name}: exit code ${result.status ?? result.signal}\n${result.lastLines}`);
			if (phase.unmeasured) continue;
			samples.push({...about, ...sampleOf(phase, isWatched ? {peaks} : result)});
			if (!isWatched) console.log(`${workload.name} ${phase.name}, round ${round + 1}, ${tool.name}: ${result.seconds.toFixed(2)} s`);
		}
	} catch (error) {
		if (error.name === 'AbortError') throw error;
		console.log(`${workload.name}, round ${round + 1}, ${tool.name} fails: ${error.message}`);
		samples.push({...about, failed: true});
	}
	return samples;
}

/** Runs an action while the processes of its command are watched. */
async function watch(bench, run) {
	const watchers = [];
	bench.onStart = (pid) => watchers.push(watchPeaks(pid));
	try {
		const result = await run();
		return {result, peaks: Object.assign({}, ...watchers.map((watcher) => watcher.stop()))};
	} finally {
		bench.onStart = undefined;
		for (const watcher of watchers) watcher.stop();
	}
}

function sampleOf({name, goal, than, cpuGoal}, {seconds, cpu, peak, written, peaks}) {
	return {phase: name, goal, than, cpuGoal, ...(peaks === undefined ? {seconds, cpu, peak, written} : {peaks})};
}

/**
 * What the preparation wrote reaches the disk before the clock starts, and the files of the context are no longer new. What is written during the
 * build finds memory that this machine has: a virtual one that gives free pages back to its host (free page reporting) gets them again at 2 s for
 * each GiB, eight times what writing takes, and whoever comes first would pay for it.
 */
async function settle(bench, {content = 0}) {
	await bench.asSelf(['sync']);
	const bytes = Math.floor(Math.min(process.availableMemory() / 2, (1 << 30) + 3 * content));
	check(await bench.asSelf([process.execPath, warmMemory, String(bytes)]), 'touching memory');
	await delay(100);
}
