const most = {linear: 1.5, flat: 1.3};
// The part of a value that is noise on a machine that does other things, too.
const noise = 0.1;

/**
 * Judges points {size, seconds, cpu} in ascending order of size, for seconds and for CPU seconds each: {ratio, holds}; undefined with fewer than
 * three sizes. Flat: no value is more than 1.3 times that of a smaller size. Linear: from the size that is nearest to half of the largest to
 * the largest, each unit costs at most 1.5 times what it costs from the smallest to there; growth by less than a tenth of the largest value
 * is never too much. Where more costs less than before by more than that tenth, `holds` is undefined: the machine did other things.
 * `marginal` has the cost of a unit from the size before to each.
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
	const growths = points.slice(1).map((point, at) => point[measure] / Math.min(...points.slice(0, at + 1).map((other) => other[measure])));
	const ratio = Math.max(...growths);
	return {ratio, holds: ratio <= most.flat};
}

function judgeLinear(points, measure) {
	const [first, last] = [points[0], points.at(-1)];
	const between = points.slice(1, -1);
	const distance = ({size}) => Math.abs(size - last.size / 2);
	const half = between.reduce((best, point) => (distance(point) < distance(best) ? point : best));
	const [early, late] = [costOf(first, half, measure), costOf(half, last, measure)];
	const ratio = early > 0 ? late / early : undefined;
	const growth = (last[measure] - half[measure]) / last[measure];
	if (growth < -noise) return {ratio, holds: undefined};
	return {ratio, holds: growth <= noise || (ratio !== undefined && ratio <= most.linear)};
}

function costOf(from, to, measure) {
	return (to[measure] - from[measure]) / (to.size - from.size);
}
