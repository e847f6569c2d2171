/** What one step, its whole process tree, may use. Limits decide whether a command gets through, never what it yields: no key holds them. */
export interface Limits {
	/** Bytes. */
	readonly memory?: number;
	/** Processors, at least 0.01; 1.5 is one and a half. */
	readonly cpus?: number;
	/** Processes and threads. */
	readonly pids?: number;
}

export const limitNames = ['memory', 'cpus', 'pids'] as const;

export type LimitName = (typeof limitNames)[number];

/**
 * What enforces a limit: a control group (for all processes of the step together), a resource limit (memory: for each process; pids: for
 * the processes of a user), or the processors that the step is bound to, as many as `processors` says.
 */
export type LimitForce =
	| {readonly by: 'control-group'}
	| {readonly by: 'resource-limit'}
	| {readonly by: 'processors'; readonly processors: number};

/** A limit, and what enforces it. */
export interface LimitInForce {
	readonly name: LimitName;
	readonly value: number;
	readonly force: LimitForce;
	/** Why there is nothing better; empty for a control group. */
	readonly facts: readonly string[];
}
