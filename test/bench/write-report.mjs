import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {cpus, release} from 'node:os';
import {dirname} from 'node:path';

/** Writes everything that was measured as JSON, with what was measured when, where and by which settings. */
export function writeReport(file, {options, started, results, curves, reruns}) {
	const tools = started.tools.map(({name, version}) => ({name, version}));
	const machine = {
		cpu: cpus()[0]?.model,
		cores: cpus().length,
		memory: readFileSync('/proc/meminfo', 'utf8').split('\n')[0],
		kernel: release(),
	};
	const report = {
		date: new Date().toISOString(),
		boxbuild: {version: tools.find(({name}) => name === 'boxbuild')?.version, ...commitOf(dirname(options.program))},
		machine,
		node: process.version,
		rounds: options.rounds,
		tools,
		leftOut: started.leftOut,
		results,
		...(options.curves ? {curves} : {}),
		...(options.reruns ? {reruns} : {}),
	};
	writeFileSync(file, `${JSON.stringify(report, null, '\t')}\n`);
}

/** The commit that is checked out in a directory, and whether files differ from it; nothing where that is no checkout. */
function commitOf(directory) {
	const git = (...args) => execFileSync('git', ['-C', directory, ...args], {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore']}).trim();
	try {
		return {commit: git('rev-parse', 'HEAD'), isModified: git('status', '--porcelain') !== ''};
	} catch {
		return {};
	}
}
