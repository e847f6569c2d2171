const most = {linear: 1.5, flat: 1.3};
// A tenth of a point's value is noise on a machine that does other things, too.
const noise = 0.1;

/**
 * Judges points {size, seconds, cpu} in ascending order of size, for seconds and for CPU seconds each: {ratio, holds}.
 * Flat: the largest value is at most 1.3 times the smallest. Linear: from the size that is nearest to half of the largest to the largest, each
 * unit costs at most 1.5 times what it costs from the smallest to there; growth by less than a tenth of the largest value is never too much.
 * Undefined with fewer than three sizes. `marginal` has the cost of a unit from the size before to each.
 */
export function judgeCurve(points, {isFlat = false, unit}) {
	const judge = isFlat ? judgeFlat : judgeLinear;
	const verdict = points.length < 3 ? undefined : {seconds: judge(points, 'seconds'), cpu: judge(points, 'cpu')};
	const marginal = points.map((point, at) =>
		at === 0
			? undefined
			: {seconds: costOf(points[at - 1], point, 'seconds') * unit.size, cpu: costOf(points[at - 1], point, 'cpu') * unit.size},
	);
	return {verdict, marginal};
}

function judgeFlat(points, measure) {
	const values = points.map((point) => point[measure]);
	const ratio = Math.max(...values) / Math.min(...values);
	return {ratio, holds: ratio <= most.flat};
}

function judgeLinear(points, measure) {
	const [first, last] = [points[0], points.at(-1)];
	const between = points.slice(1, -1);
	const distance = ({size}) => Math.abs(size - last.size / 2);
	const half = between.reduce((best, point) => (distance(point) < distance(best) ? point : best));
	const [early, late] = [costOf(first, half, measure), costOf(half, last, measure)];
	const isNoise = last[measure] - half[measure] <= noise * last[measure];
	const ratio = early > 0 ? late / early : undefined;
	return {ratio, holds: isNoise || (ratio !== undefined && ratio <= most.linear)};
}

function costOf(from, to, measure) {
	return (to[measure] - from[measure]) / (to.size - from.size);
}
