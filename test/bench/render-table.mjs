/** The lines of a table in Markdown, its columns aligned; the first row has the headings. */
export function renderTable(rows) {
	const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
	const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
	const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`;
	return [line(rows[0]), rule, ...rows.slice(1).map(line)];
}

/** A number with as many digits as tell something, empty for none. */
export function showNumber(value) {
	if (value === undefined) return '';
	return value.toFixed(value < 10 ? 2 : 1);
}

/** A median with the least and the most. */
export function showRange(median, least, most) {
	return `${showNumber(median)} (${showNumber(least)}-${showNumber(most)})`;
}

/** Bytes in MB, or in GB from 1 GB on; empty for none. */
export function showBytes(value) {
	if (value === undefined) return '';
	if (value >= 1e9) return `${(value / 1e9).toFixed(2)} GB`;
	return `${(value / 1e6).toFixed(value < 10e6 ? 1 : 0)} MB`;
}
