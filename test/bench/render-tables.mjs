import {renderTable, showBytes, showNumber as show, showRange} from './render-table.mjs';

const peers = ['workload', 'bare', 'buildah', 'buildkit', 'boxbuild', 'x buildah', 'x buildkit', 'goal', 'x bare', 'crowded'];
const headings = [...peers, 'CPU', 'peak', 'command', 'worker', 'written', 'x content'];

/**
 * In Markdown: medians in seconds with (least-most), boxbuild's time as a multiple of each other's; of boxbuild the CPU seconds, the largest process,
 * the peaks of its command and its worker, and what was written, also as a multiple of the layer's content; then who was left out.
 */
export function renderTables(results, {leftOut}) {
	const keys = new Map(results.map((result) => [`${result.title}, ${result.phase}`, result]));
	const rows = [...keys].map(([label, {workload, phase}]) =>
		makeRow(
			label,
			results.filter((result) => result.workload === workload && result.phase === phase),
		),
	);
	const notes = leftOut.map(({name, reason}) => `${name} was left out: ${reason}`);
	const table = rows.length === 0 ? [] : renderTable([headings, ...rows]);
	return ['', ...table, '', ...notes].join('\n').trimEnd();
}

function makeRow(label, results) {
	const of = (tool) => results.find((result) => result.tool === tool);
	const ours = of('boxbuild');
	const ratio = (tool) => (ours === undefined || of(tool) === undefined ? undefined : ours.median / of(tool).median);
	return [
		label,
		...['bare', 'buildah', 'buildkit', 'boxbuild'].map((tool) => timesOf(of(tool))),
		...['buildah', 'buildkit'].map((tool) => show(ratio(tool))),
		ours === undefined ? '' : goalOf(ours, ratio),
		show(ratio('bare')),
		timesOf(of('crowded')),
		show(ours?.cpu),
		...[ours?.peak, ours?.peaks?.command, ours?.peaks?.worker, ours?.written].map(showBytes),
		show(ours?.content === undefined ? undefined : ours.written / ours.content),
	];
}

/** What was to be reached, and whether it was. */
function goalOf({goal, than = 'buildkit', cpuGoal, cpu}, ratio) {
	if (cpuGoal !== undefined) return `CPU <= ${cpuGoal}${cpu > cpuGoal ? ' missed' : ''}`;
	if (goal === undefined) return '';
	return `<= ${goal}${than === 'buildkit' ? '' : ` x ${than}`}${ratio(than) > goal ? ' missed' : ''}`;
}

function timesOf(result) {
	return result === undefined ? '' : showRange(result.median, result.least, result.most);
}
