import {renderTable, showBytes, showNumber} from './render-table.mjs';

/**
 * In Markdown, for each judged curve: {curve, phase, tool, points, verdict, marginal}. Medians in seconds, CPU seconds and what one more unit of
 * the growing thing costs; the verdict stands in the last row.
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
	const rows = points.map(({size, seconds, cpu, peak, written}, at) => [
		curve.show(size),
		showNumber(seconds),
		showNumber(cpu),
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
	const show = (name, {ratio, holds}) =>
		`${name} ${holds ? '' : 'not '}${word} (${ratio === undefined ? 'no growth before' : `${ratio.toFixed(2)} x`})`;
	return `${show('seconds', verdict.seconds)}, ${show('CPU', verdict.cpu)}`;
}
