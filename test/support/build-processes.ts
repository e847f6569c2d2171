import {readdirSync, readFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';

/** A process at some moment: a later one with its number has another start. */
export interface SeenProcess {
	readonly pid: number;
	readonly parent: number;
	/** Clock ticks since boot (proc_pid_stat(5)). */
	readonly start: string;
	/** Command line with blanks between the words. */
	readonly command: string;
}

/** All processes that are not zombies. */
export function runningProcesses(): readonly SeenProcess[] {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/v.test(name))
		.flatMap((name) => {
			try {
				const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
				const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
				const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
				return fields[0] === 'Z' ? [] : [{pid: Number(name), parent: Number(fields[1]), start: fields[19] ?? '', command}];
			} catch {
				// It has ended.
				return [];
			}
		});
}

/** The process and everything below it. */
export function processTree(pid: number): readonly SeenProcess[] {
	const all = runningProcesses();
	const found = all.filter((one) => one.pid === pid);
	for (const {pid: parent} of found) found.push(...all.filter((one) => one.parent === parent));
	return found;
}

/** Those of them that still run, when they have had time to end. */
export async function survivorsOf(seen: readonly SeenProcess[], patience = 3000): Promise<readonly SeenProcess[]> {
	for (const begin = performance.now(); ; await setTimeout(20)) {
		const running = new Set(runningProcesses().map(({pid, start}) => `${pid} ${start}`));
		const left = seen.filter(({pid, start}) => running.has(`${pid} ${start}`));
		if (left.length === 0 || performance.now() - begin > patience) return left;
	}
}

/** The processes of a build in the middle of a step; `server` only with fuse-overlayfs. */
export interface BuildProcesses {
	readonly command: SeenProcess;
	/** Made the namespaces and waits. */
	readonly enterer: SeenProcess;
	readonly worker: SeenProcess;
	/** Made the namespaces of the step and waits. */
	readonly stepParent: SeenProcess;
	/** Process 1 of the step. */
	readonly step: SeenProcess;
	/** Of the step's root. */
	readonly server?: SeenProcess;
	readonly all: readonly SeenProcess[];
}

export type Role = Exclude<keyof BuildProcesses, 'all'>;

/** Tells them apart by who started whom. Throws when one is missing. */
export function buildProcesses(pid: number): BuildProcesses {
	const all = processTree(pid);
	const childOf = (parent: SeenProcess | undefined, what: RegExp): SeenProcess | undefined =>
		all.find((one) => one.parent === parent?.pid && what.test(one.command));
	const command = all[0];
	const enterer = childOf(command, /\/run\/enter-[0-9a-f]{16}$/v);
	const worker = childOf(enterer, /worker\.cjs/v);
	const stepParent = childOf(worker, /\/step-\d+$/v);
	// The kernel now and then gives no command line, as while a process gets memory of its own.
	const step = childOf(stepParent, /(?:)/v);
	const server = childOf(worker, /fuse-overlayfs .*upperdir=/v);
	if (command === undefined || enterer === undefined || worker === undefined || stepParent === undefined || step === undefined)
		throw new Error(`not the processes of a build in a step:\n${all.map((one) => `${one.parent} ${one.pid} ${one.command}`).join('\n')}`);
	return {command, enterer, worker, stepParent, step, ...(server === undefined ? {} : {server}), all};
}
