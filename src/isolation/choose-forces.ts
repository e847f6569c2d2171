import {type LimitForce, type LimitInForce, type LimitName, type Limits, limitNames} from '../core/limits.ts';
import type {Controller} from './control-group-home.ts';

const controllers: Readonly<Record<LimitName, Controller>> = {memory: 'memory', cpus: 'cpu', pids: 'pids'};

/** Controllers that the limits want. */
export function controllersOf(limits: Limits): readonly Controller[] {
	return limitNames.filter((name) => limits[name] !== undefined).map((name) => controllers[name]);
}

/** What there is to enforce limits with. */
export interface Means {
	/** Controllers that groups of steps have. */
	readonly controllers: readonly Controller[];
	/** Why they have no others. */
	readonly facts: readonly string[];
	/** How many processors the builder may use. */
	readonly processors: number;
	/** RLIMIT_NPROC holds (countsProcesses); asked only when it matters. */
	countsProcesses(): boolean;
}

/** A limit that nothing enforces. */
export interface Unenforceable {
	readonly name: LimitName;
	readonly value: number;
	readonly facts: readonly string[];
}

/** For each limit the best that there is. */
export function chooseForces(
	limits: Limits,
	means: Means,
): {readonly inForce: readonly LimitInForce[]; readonly unenforceable: readonly Unenforceable[]} {
	const inForce: LimitInForce[] = [];
	const unenforceable: Unenforceable[] = [];
	for (const name of limitNames) {
		const value = limits[name];
		if (value === undefined) continue;
		const controller = controllers[name];
		if (means.controllers.includes(controller)) {
			inForce.push({name, value, force: {by: 'control-group'}, facts: []});
			continue;
		}
		const facts = means.facts.filter((fact) => mentions(fact, controller));
		const found = withoutGroup(name, value, means);
		if (typeof found === 'string') unenforceable.push({name, value, facts: [...facts, found]});
		else inForce.push({name, value, force: found, facts: [`no ${controller} controller`]});
	}
	return {inForce, unenforceable};
}

/** A fact about another controller explains nothing here. */
function mentions(fact: string, controller: Controller): boolean {
	const named = /\b(memory|cpu|pids) controller\b/v.exec(fact)?.[1];
	return named === undefined || named === controller;
}

/** What enforces it all the same, or why nothing does. */
function withoutGroup(name: LimitName, value: number, {processors, countsProcesses}: Means): LimitForce | string {
	switch (name) {
		case 'memory':
			return {by: 'resource-limit'};
		case 'pids':
			return countsProcesses() ? {by: 'resource-limit'} : 'the kernel does not count processes of root (RLIMIT_NPROC)';
		case 'cpus': {
			const bound = Math.min(processors, Math.ceil(value));
			if (bound === processors && value < processors)
				return `a step can be bound to whole processors only, and ${bound} ${bound === 1 ? 'is' : 'are'} all that there ${bound === 1 ? 'is' : 'are'}`;
			return {by: 'processors', processors: bound};
		}
	}
}
