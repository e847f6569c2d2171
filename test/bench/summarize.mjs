/**
 * One result per workload, phase and tool, in the order of the samples: median, least and most seconds and CPU seconds, largest peak, median bytes
 * written; for boxbuild `peaks` by role from the watched run.
 */
export function summarize(samples) {
	const groups = new Map();
	for (const sample of samples) {
		if (sample.failed) continue;
		const key = JSON.stringify([sample.workload, sample.phase, sample.tool]);
		groups.set(key, [...(groups.get(key) ?? []), sample]);
	}
	return [...groups.values()].flatMap((group) => {
		const measured = group.filter(({peaks}) => peaks === undefined);
		return measured.length === 0 ? [] : [summarizeGroup(measured, group.find(({peaks}) => peaks !== undefined)?.peaks)];
	});
}

function summarizeGroup(group, peaks) {
	const {workload, title, content, phase, tool, goal, than, cpuGoal} = group[0];
	const of = (name) => group.map((sample) => sample[name]);
	const seconds = of('seconds');
	return {
		workload,
		title,
		content,
		phase,
		tool,
		goal,
		than,
		cpuGoal,
		median: medianOf(seconds),
		least: Math.min(...seconds),
		most: Math.max(...seconds),
		cpu: medianOf(of('cpu')),
		leastCpu: Math.min(...of('cpu')),
		mostCpu: Math.max(...of('cpu')),
		peak: Math.max(...of('peak')),
		peaks,
		written: medianOf(of('written')),
		samples: group.map(({round, seconds, cpu, peak, written}) => ({round, seconds, cpu, peak, written})),
	};
}

function medianOf(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
