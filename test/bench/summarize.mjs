/** One result per workload, phase and tool, in the order of the samples: median, least and most seconds, median CPU, largest peak. */
export function summarize(samples) {
	const groups = new Map();
	for (const sample of samples) {
		if (sample.failed) continue;
		const key = JSON.stringify([sample.workload, sample.phase, sample.tool]);
		groups.set(key, [...(groups.get(key) ?? []), sample]);
	}
	return [...groups.values()].map((group) => {
		const {workload, title, phase, tool, goal, than, cpuGoal} = group[0];
		const seconds = group.map((sample) => sample.seconds);
		return {
			workload,
			title,
			phase,
			tool,
			goal,
			than,
			cpuGoal,
			median: medianOf(seconds),
			least: Math.min(...seconds),
			most: Math.max(...seconds),
			cpu: medianOf(group.map(({cpu}) => cpu)),
			peak: Math.max(...group.map(({peak}) => peak)),
			samples: group.map(({round, seconds, cpu, peak}) => ({round, seconds, cpu, peak})),
		};
	});
}

function medianOf(values) {
	const sorted = values.toSorted((a, b) => a - b);
	const middle = sorted.length >> 1;
	return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
