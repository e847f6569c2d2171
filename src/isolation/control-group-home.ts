import {existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs';
import {errnoOf} from '../host/errno.ts';
import {type ControlGroupPlace, groupsAround} from './control-group-place.ts';

export type Controller = 'memory' | 'cpu' | 'pids';

/** A group below which groups with limits can be made. */
export interface ControlGroupHome {
	readonly directory: string;
	/** Those of the wanted controllers that groups in it have. */
	readonly controllers: readonly Controller[];
}

/** `facts` say for what is missing why that is so. */
export interface FoundHome {
	readonly home?: ControlGroupHome;
	readonly facts: readonly string[];
}

/** Takes the builder's processes out of the way: a group with processes gives its children no controllers (cgroup-v2, "No Internal Process Constraint"). */
const leaf = 'boxbuild';

/**
 * Looks for a group that is this user's (cgroup-v2, "Delegation") and gives its children the wanted controllers, or most of them. Where
 * nothing but `family` (pids: this process and those that wait for it) is in the own group, they move into a child of it; they stay there.
 */
export function findHome(place: ControlGroupPlace, wanted: readonly Controller[], family: readonly number[]): FoundHome {
	const own = directoryOf(place, place.own);
	let best = enable(own, wanted);
	for (const path of groupsAround(place.own)) {
		if (best.controllers.length === wanted.length) break;
		const found = enable(directoryOf(place, path), wanted);
		if (found.controllers.length > best.controllers.length) best = found;
	}
	if (best.controllers.length < offeredIn(own, wanted)) {
		const alone = enableAlone(own, wanted, family);
		if (alone !== undefined && (alone.controllers.length > 0 || best.controllers.length === 0)) best = alone;
	}
	const {directory, controllers, facts} = best;
	return controllers.length === 0 ? {facts} : {home: {directory, controllers}, facts};
}

function directoryOf({mountpoint}: ControlGroupPlace, path: string): string {
	return path === '/' ? mountpoint : `${mountpoint}${path}`;
}

interface Enabled extends ControlGroupHome {
	readonly facts: readonly string[];
}

/** Turns the wanted controllers on for children of the group, one by one: one that cannot be had does not keep the others away. */
function enable(directory: string, wanted: readonly Controller[]): Enabled {
	const facts: string[] = [];
	try {
		const offered = words(`${directory}/cgroup.controllers`);
		// The pids and cpu controllers could be turned on beside processes, but no process could enter the groups then (cgroup-v2, "Threads").
		if (wanted.some((controller) => offered.includes(controller)) && hasProcesses(directory))
			return {directory, controllers: [], facts: [`${directory} has processes of its own, so that groups in it get no controllers`]};
		for (const controller of wanted) {
			if (!offered.includes(controller)) facts.push(`${directory} has no ${controller} controller`);
			else if (!words(`${directory}/cgroup.subtree_control`).includes(controller)) turnOn(directory, controller, facts);
		}
		// Whoever may not make processes members of a group here was not given it.
		writeFileSync(`${directory}/cgroup.procs`, '', {flag: 'r+'});
		const on = words(`${directory}/cgroup.subtree_control`);
		return {directory, controllers: wanted.filter((controller) => on.includes(controller)), facts};
	} catch (error) {
		return {directory, controllers: [], facts: [`this user may not change ${directory} (${errnoOf(error)})`]};
	}
}

function turnOn(directory: string, controller: Controller, facts: string[]): void {
	try {
		writeFileSync(`${directory}/cgroup.subtree_control`, `+${controller}`);
	} catch (error) {
		facts.push(`${directory} does not give the ${controller} controller away (${errnoOf(error)})`);
	}
}

/** Only the root of the hierarchy may have processes beside its groups; it has no type. */
function hasProcesses(directory: string): boolean {
	return existsSync(`${directory}/cgroup.type`) && words(`${directory}/cgroup.procs`).length > 0;
}

function offeredIn(directory: string, wanted: readonly Controller[]): number {
	try {
		const offered = words(`${directory}/cgroup.controllers`);
		return wanted.filter((controller) => offered.includes(controller)).length;
	} catch {
		return 0;
	}
}

/** Undefined where it is not possible. */
function enableAlone(own: string, wanted: readonly Controller[], family: readonly number[]): Enabled | undefined {
	try {
		const members = words(`${own}/cgroup.procs`).map(Number);
		const strangers = members.filter((pid) => !family.includes(pid)).length;
		if (members.length === 0) return undefined;
		if (strangers > 0)
			return {directory: own, controllers: [], facts: [`${own} has processes that have nothing to do with this build: ${strangers}`]};
		mkdirSync(`${own}/${leaf}`, {recursive: true});
		move(members, `${own}/${leaf}`);
		const after = enable(own, wanted);
		if (after.controllers.length > 0) return after;
		move(members, own);
		rmdirSync(`${own}/${leaf}`);
		return after;
	} catch {
		return undefined;
	}
}

function move(pids: readonly number[], directory: string): void {
	for (const pid of pids) writeFileSync(`${directory}/cgroup.procs`, String(pid));
}

function words(file: string): readonly string[] {
	return readFileSync(file, 'utf8').split(/\s+/v).filter(Boolean);
}

/** This process and all that wait for it. */
export function processFamily(): readonly number[] {
	const found: number[] = [];
	for (let pid = process.pid; pid > 0 && !found.includes(pid); pid = parentOf(pid)) found.push(pid);
	return found;
}

function parentOf(pid: number): number {
	try {
		return Number(/^PPid:\s*(\d+)$/mv.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
	} catch {
		return 0;
	}
}
