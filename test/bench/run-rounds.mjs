import {join} from 'node:path';
import {setTimeout as delay} from 'node:timers/promises';

/**
 * Runs every workload in every round with every tool, a different tool first in each round. Adds the samples as they come:
 * {workload, title, phase, goal, tool, round, seconds, cpu, peak}, or {..., failed: true} when the build failed.
 */
export async function runRounds(bench, {tools, workloads, samples}) {
	for (const workload of workloads) {
		const context = bench.own(join('contexts', workload.name));
		workload.write(context, bench);
		const started = await workload.start?.(context, bench);
		for (let round = 0; round < bench.rounds; round++) {
			const order = tools.map((_, at) => tools[(at + round) % tools.length]);
			for (const tool of order) samples.push(...(await runPhases(bench, {tool, workload, context, round})));
		}
		await started?.stop();
		await bench.inNamespace(['rm', '-rf', context]);
		for (const tool of tools) await tool.clean?.();
	}
}

async function runPhases(bench, {tool, workload, context, round}) {
	const samples = [];
	const about = {workload: workload.name, title: workload.title, tool: tool.name, round};
	try {
		await tool.reset();
		for (const phase of workload.phases) {
			phase.change?.(context, `${tool.name} ${round}\n`);
			const action = phase.action === undefined ? tool.build : tool.actions?.[phase.action];
			if (action === undefined) continue;
			await tool.prepare?.[phase.action]?.();
			await settle(bench);
			const result = await action(context, {phase, workload});
			if (result === undefined) break;
			if (result.status !== 0) throw new Error(`${phase.name}: exit code ${result.status ?? result.signal}\n${result.lastLines}`);
			if (phase.unmeasured) continue;
			const {seconds, cpu, peak} = result;
			const {goal, than, cpuGoal} = phase;
			samples.push({...about, phase: phase.name, goal, than, cpuGoal, seconds, cpu, peak});
			console.log(`${workload.name} ${phase.name}, round ${round + 1}, ${tool.name}: ${seconds.toFixed(2)} s`);
		}
	} catch (error) {
		if (error.name === 'AbortError') throw error;
		console.log(`${workload.name}, round ${round + 1}, ${tool.name} fails: ${error.message}`);
		samples.push({...about, failed: true});
	}
	return samples;
}

/** What the preparation wrote reaches the disk before the clock starts, and the files of the context are no longer new. */
async function settle(bench) {
	await bench.asSelf(['sync']);
	await delay(100);
}
