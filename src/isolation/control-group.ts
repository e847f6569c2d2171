import {existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {setTimeout} from 'node:timers/promises';
import type {Limits} from '../core/limits.ts';
import {errnoOf} from '../host/errno.ts';
import {type Lock, lockDirectory} from '../host/lock.ts';
import type {Controller, ControlGroupHome} from './control-group-home.ts';

const ofBuild = /^boxbuild-[0-9a-f]{16}$/v;
/** Microseconds over which the cpu controller measures. */
const period = 100_000;
const patience = 1000;

/** The group of a build, in which its steps have theirs. */
export interface BuildGroup {
	readonly directory: string;
	remove(): Promise<void>;
}

/**
 * Makes the group of a build and removes those of dead ones beside it. A build lives as long as its directory is locked (flock(2)), which
 * is true in every process namespace. `id`: 16 hexadecimal digits.
 */
export async function makeBuildGroup({directory: home, controllers}: ControlGroupHome, id: string): Promise<BuildGroup> {
	await sweep(home);
	const directory = `${home}/boxbuild-${id}`;
	const lock = makeLocked(directory);
	for (const controller of controllers) writeFileSync(`${directory}/cgroup.subtree_control`, `+${controller}`);
	return {
		directory,
		remove: () => removeGroup(directory).finally(() => lock.release()),
	};
}

/** Between the two calls somebody who sweeps may take the directory away or hold it for a moment. */
function makeLocked(directory: string): Lock {
	for (let attempt = 0; ; attempt++) {
		try {
			mkdirSync(directory, {recursive: true});
			const lock = lockDirectory(directory);
			if (lock !== undefined) return lock;
		} catch (error) {
			if (errnoOf(error) !== 'ENOENT') throw error;
		}
		if (attempt > 1000) throw new Error(`${directory} is held by another process`);
	}
}

async function sweep(home: string): Promise<void> {
	for (const name of readdirSync(home).filter((entry) => ofBuild.test(entry))) {
		try {
			const lock = lockDirectory(`${home}/${name}`);
			if (lock === undefined) continue;
			await removeGroup(`${home}/${name}`).finally(() => lock.release());
		} catch {
			// Another user's, or somebody else sweeps, too.
		}
	}
}

/** The group of a step with its limits. */
export interface StepGroup {
	/** A process that writes `0` there becomes a member, and what it starts. */
	readonly members: string;
	/** How often the kernel killed a process for memory, and refused one more process. */
	hits(): {readonly memory: number; readonly pids: number};
	remove(): Promise<void>;
}

/** Makes it; only limits of controllers that the build's group gives away are set. */
export function makeStepGroup(directory: string, {memory, cpus, pids}: Limits, controllers: readonly Controller[]): StepGroup {
	mkdirSync(directory);
	const set = (controller: Controller, file: string, value: string | undefined): void => {
		if (value !== undefined && controllers.includes(controller)) writeFileSync(`${directory}/${file}`, value);
	};
	set('memory', 'memory.max', memory?.toString());
	// Swap does not come on top of it; kernels without swap lack the file.
	if (existsSync(`${directory}/memory.swap.max`)) set('memory', 'memory.swap.max', memory === undefined ? undefined : '0');
	set('cpu', 'cpu.max', cpus === undefined ? undefined : `${Math.max(1000, Math.round(cpus * period))} ${period}`);
	set('pids', 'pids.max', pids?.toString());
	return {
		members: `${directory}/cgroup.procs`,
		hits: () => ({memory: eventsOf(`${directory}/memory.events`, 'oom_kill'), pids: eventsOf(`${directory}/pids.events`, 'max')}),
		remove: () => removeGroup(directory),
	};
}

/** A flat keyed file (cgroup-v2, "Format"); 0 where there is none. */
function eventsOf(file: string, key: string): number {
	if (!existsSync(file)) return 0;
	const line = readFileSync(file, 'utf8')
		.split('\n')
		.find((text) => text.startsWith(`${key} `));
	return Number(line?.slice(key.length + 1) ?? 0);
}

/** Kills what is in the group (cgroup.kill, Linux 5.14) and removes it and the groups in it. A process that ends needs a moment to be gone. */
async function removeGroup(directory: string): Promise<void> {
	for (const start = performance.now(); ;) {
		try {
			if (existsSync(`${directory}/cgroup.kill`)) writeFileSync(`${directory}/cgroup.kill`, '1');
			for (const entry of readdirSync(directory, {withFileTypes: true})) if (entry.isDirectory()) rmdirSync(`${directory}/${entry.name}`);
			rmdirSync(directory);
			return;
		} catch (error) {
			const code = errnoOf(error);
			if (code === 'ENOENT') return;
			if (code !== 'EBUSY' || performance.now() - start > patience) throw error;
		}
		await setTimeout(2);
	}
}
