import {utimesSync} from 'node:fs';
import {join} from 'node:path';
import {check} from '../check.mjs';
import {renderTable} from '../render-table.mjs';
import {writeFiles} from '../write-files.mjs';
import {rerunCases} from './cases.mjs';
import {countSteps} from './count-steps.mjs';

/** What builds of `rerunCases` need, as workloads tell it. */
export const rerunNeeds = {name: 'reruns', bases: ['debian']};

/** Builds every case twice with every tool; returns {name, needed, ran: {TOOL: steps that ran the second time}} of each. */
export async function runReruns(bench, tools) {
	const builders = tools.filter(({name}) => name in countSteps);
	const results = [];
	for (const [index, one] of rerunCases.entries()) {
		const ran = {};
		for (const tool of builders) {
			const context = bench.own(join('contexts', `rerun-${index}-${tool.name}`));
			await tool.reset();
			writeFiles(context, one.files);
			check(await tool.build(context, {phase: {}}), `${tool.name}, ${one.name}`);
			writeFiles(context, one.changed);
			for (const path of one.touch ?? []) utimesSync(join(context, path), 1e9, 1e9);
			const {said} = check(await tool.build(context, {phase: {}}), `${tool.name}, ${one.name}, again`);
			ran[tool.name] = countSteps[tool.name](said);
			await bench.asSelf(['rm', '-rf', context]);
		}
		console.log(`${one.name}: ${JSON.stringify(ran)}`);
		results.push({name: one.name, needed: one.needed, ran});
	}
	for (const tool of builders) await tool.clean?.();
	return results;
}

/** A table of the steps that ran again. */
export function renderReruns(results, {leftOut}) {
	const tools = ['buildah', 'buildkit', 'boxbuild'].filter((name) => results.some(({ran}) => name in ran));
	const rows = results.map(({name, needed, ran}) => [name, String(needed), ...tools.map((tool) => String(ran[tool] ?? ''))]);
	const notes = leftOut.map(({name, reason}) => `${name} was left out: ${reason}`);
	return ['', ...renderTable([['what changes', 'steps that need to run', ...tools], ...rows]), ...notes].join('\n');
}
