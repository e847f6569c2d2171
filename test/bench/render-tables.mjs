const headings = ['workload', 'bare', 'buildah', 'buildkit', 'boxbuild', 'x buildah', 'x buildkit', 'goal', 'x bare', 'CPU', 'peak'];

/** Medians in seconds with (least-most), boxbuild's time as a multiple of each other's, its CPU seconds and largest process; then who was left out. */
export function renderTables(results, {leftOut}) {
	const keys = new Map(results.map((result) => [`${result.title}, ${result.phase}`, result]));
	const rows = [...keys].map(([label, {workload, phase}]) =>
		makeRow(
			label,
			results.filter((result) => result.workload === workload && result.phase === phase),
		),
	);
	const notes = leftOut.map(({name, reason}) => `${name} was left out: ${reason}`);
	return ['', ...renderTable([headings, ...rows]), ...notes].join('\n');
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
		show(ours?.cpu),
		ours === undefined ? '' : `${Math.round(ours.peak / 1e6)} MB`,
	];
}

/** What was to be reached, and whether it was. */
function goalOf({goal, than = 'buildkit', cpuGoal, cpu}, ratio) {
	if (cpuGoal !== undefined) return `CPU <= ${cpuGoal}${cpu > cpuGoal ? ' missed' : ''}`;
	if (goal === undefined) return '';
	return `<= ${goal}${than === 'buildkit' ? '' : ` x ${than}`}${ratio(than) > goal ? ' missed' : ''}`;
}

function timesOf(result) {
	return result === undefined ? '' : `${show(result.median)} (${show(result.least)}-${show(result.most)})`;
}

function show(value) {
	return value === undefined ? '' : value.toFixed(value < 10 ? 2 : 1);
}

function renderTable(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
	const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
	return [line(rows[0]), rule, ...rows.slice(1).map(line)];
}
