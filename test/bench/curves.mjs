import {bytes} from './curves/bytes.mjs';
import {files} from './curves/files.mjs';
import {layers} from './curves/layers.mjs';
import {parent} from './curves/parent.mjs';
import {steps} from './curves/steps.mjs';

/**
 * A curve: `name`; `title`, what grows; `unit`, {name, size}: how much of it the marginal cost is told for; `sizes` in ascending order, one of them
 * about half of the largest; `isFlat` when the cost must not grow at all; `workload(size)`, everything of a workload but name and title.
 */
export const curves = [steps, files, bytes, parent, layers];

/** The workloads of a curve, one for each size. */
export function workloadsOf(curve) {
	return curve.sizes.map((size) => ({...curve.workload(size), name: nameOf(curve, size), title: `${curve.title}: ${size}`}));
}

/**
 * What judgeCurve takes, from the results of all workloads: the points of each phase and tool. Their `seconds` and `cpu` are the least of all samples:
 * other work on the machine only ever adds to them.
 */
export function pointsOf(curve, results) {
	const groups = new Map();
	for (const size of curve.sizes) {
		for (const result of results.filter(({workload}) => workload === nameOf(curve, size))) {
			const key = JSON.stringify([result.phase, result.tool]);
			const {least, leastCpu, peak, written} = result;
			const group = groups.get(key) ?? {phase: result.phase, tool: result.tool, points: []};
			groups.set(key, {...group, points: [...group.points, {size, seconds: least, cpu: leastCpu, peak, written, result}]});
		}
	}
	return [...groups.values()];
}

function nameOf(curve, size) {
	return `${curve.name}-${size}`;
}
