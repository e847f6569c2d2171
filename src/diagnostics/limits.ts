import {formatMemory} from '../core/format-memory.ts';
import type {LimitInForce, LimitName} from '../core/limits.ts';
import type {Diagnostic} from './diagnostic.ts';

const scope =
	'start the build in a group that is yours: `systemd-run --user --scope -p Delegate=yes boxbuild ...`, or as root in a container with writable control groups';

/** A limit that nothing on this machine enforces. */
export function envLimit({
	name,
	value,
	facts,
}: {
	readonly name: LimitName;
	readonly value: number;
	readonly facts: readonly string[];
}): Diagnostic {
	return {
		code: 'env/limit',
		severity: 'error',
		message: `\`--${name} ${name === 'memory' ? formatMemory(value) : value}\` cannot be enforced here`,
		because: facts,
		help: [scope, `or leave --${name} out`],
		data: {name, value},
	};
}

/** What is in force, on one line. */
export function limitsLine(limits: readonly LimitInForce[]): string {
	return `limits of a step: ${limits.map(oneLimit).join(', ')}`;
}

function oneLimit({name, value, force, facts}: LimitInForce): string {
	const what = `${name} ${name === 'memory' ? formatMemory(value) : value}`;
	const why = facts.length === 0 ? '' : `: ${facts.join('; ')}`;
	switch (force.by) {
		case 'control-group':
			return `${what} (all processes together: cgroup)`;
		case 'resource-limit':
			return name === 'memory'
				? `${what} (each process: RLIMIT_DATA${why})`
				: `${what} (RLIMIT_NPROC, which counts the builder's own, too${why})`;
		case 'processors':
			return `${what} (bound to ${force.processors} ${force.processors === 1 ? 'processor' : 'processors'}${why})`;
	}
}

/** A limit that a failed step had; `hits`: how often the kernel acted on it, 0 where it does not tell. */
export interface LimitOfStep {
	readonly name: LimitName;
	readonly value: number;
	readonly hits: number;
}

/** What is said of limits when a step failed: the facts, and what to do about them. */
export function limitFacts(limits: readonly LimitOfStep[]): {readonly because: readonly string[]; readonly help: readonly string[]} {
	return {
		because: limits.map(factOf),
		help: limits.filter(({hits}) => hits > 0).map(({name}) => `give it more with \`--${name}\``),
	};
}

function factOf({name, value, hits}: LimitOfStep): string {
	const times = hits === 1 ? 'once' : `${hits} times`;
	if (name === 'memory') {
		const limit = `\`--memory\` ${formatMemory(value)}`;
		return hits === 0
			? `each of its processes had a limit: ${limit}`
			: `the kernel killed ${hits} of its processes because together they wanted more than ${limit}`;
	}
	return hits === 0
		? `it had a limit for its processes and threads: \`--pids\` ${value}`
		: `it wanted more than \`--pids\` ${value} processes and threads ${times}`;
}
