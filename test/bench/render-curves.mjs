import {renderTable, showBytes, showRange} from './render-table.mjs';

/**
 * In Markdown, for each judged curve: {curve, phase, tool, points, verdict, marginal}. Seconds and CPU seconds as medians with (least-most); from the least
 * follow what one more unit of the growing thing costs and the verdict, which stands in the last row.
 */
export function renderCurves(judged, {leftOut}) {
	const notes = leftOut.map(({name, reason}) => `${name} was left out: ${reason}`);
	return [...judged.flatMap(renderCurve), '', ...notes].join('\n').trimEnd();
}

function renderCurve({curve, phase, tool, points, verdict, marginal}) {
	const {name} = curve.unit;
	const headings = [
		`${curve.title}, ${phase} (${tool})`,
		'seconds',
		'CPU',
		`seconds per ${name}`,
		`CPU per ${name}`,
		'peak',
		'written',
		'verdict',
	];
	const rows = points.map(({size, peak, written, result}, at) => [
		curve.show(size),
		showRange(result.median, result.least, result.most),
		showRange(result.cpu, result.leastCpu, result.mostCpu),
		showCost(marginal[at]?.seconds),
		showCost(marginal[at]?.cpu),
		showBytes(peak),
		showBytes(written),
		at === points.length - 1 ? showVerdict(verdict, curve) : '',
	]);
	return ['', ...renderTable([headings, ...rows])];
}

function showCost(value) {
	return value === undefined ? '' : value.toFixed(4);
}

function showVerdict(verdict, {isFlat}) {
	if (verdict === undefined) return 'too few sizes';
	const word = isFlat ? 'flat' : 'linear';
	const show = (name, {ratio, holds}) => {
		const found = holds === undefined ? 'too noisy' : `${holds ? '' : 'not '}${word}`;
		return `${name} ${found}${ratio === undefined ? '' : ` (${ratio.toFixed(2)} x)`}`;
	};
	return `${show('seconds', verdict.seconds)}, ${show('CPU', verdict.cpu)}`;
}
