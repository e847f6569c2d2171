import {readdirSync, readFileSync} from 'node:fs';
import type {LimitInForce} from '../../core/limits.ts';
import {envLimit} from '../../diagnostics/limits.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import {hardLimit} from '../../host/hard-limit.ts';
import type {Architecture} from '../../isolation/architecture.ts';
import {chooseForces} from '../../isolation/choose-forces.ts';
import {makeStepGroup} from '../../isolation/control-group.ts';
import {countsProcesses} from '../../isolation/process-limit-probe.ts';
import type {StepLimits} from '../../isolation/step-spec.ts';
import type {LimitReport, LimitRequest} from './protocol.ts';

/** Threads that the builder may start while a step runs. */
const spareThreads = 32;

/** The limits of one step while it runs. */
export interface OpenLimits {
	readonly spec: StepLimits;
	/** What may have made the step fail. */
	report(): readonly LimitReport[];
	/** Never fails: what cannot be removed now goes with the group of the build. */
	close(): Promise<void>;
}

/** What limits the steps of a build. */
export interface LimitSource {
	readonly inForce: readonly LimitInForce[];
	/** `name` is one that no other step has had. */
	open(name: string): OpenLimits;
}

const unlimited: LimitSource = {inForce: [], open: () => ({spec: {}, report: () => [], close: async () => {}})};

/** Decides what enforces each limit. Throws env/limit for those that nothing enforces. */
export function openLimits(request: LimitRequest | undefined, architecture: Architecture, directory: string): LimitSource {
	if (request === undefined) return unlimited;
	const {limits, group, facts, jobs} = request;
	const processors = allowedProcessors();
	const {inForce, unenforceable} = chooseForces(limits, {
		controllers: group?.controllers ?? [],
		facts,
		processors: processors.length,
		countsProcesses: () => countsProcesses(architecture, directory),
	});
	if (unenforceable.length > 0) throw new BuildError(unenforceable.map(envLimit));
	const byResource = resourceLimits(inForce, jobs);
	let turn = 0;
	return {
		inForce,
		open(name) {
			const count = inForce.find(({force}) => force.by === 'processors')?.force;
			const bound = count?.by === 'processors' ? count.processors : 0;
			// Steps that run at the same time get different processors as far as there are enough.
			const bind = bound === 0 || bound >= processors.length ? {} : {processors: take(processors, bound * turn++, bound)};
			const spec = {...byResource(), ...bind};
			if (group === undefined) return {spec, report: () => reportOf(inForce, {}), close: async () => {}};
			const own = makeStepGroup(`${group.directory}/${name}`, limits, group.controllers);
			return {
				spec: {...spec, members: own.members},
				report: () => reportOf(inForce, own.hits()),
				close: async () => own.remove().catch(() => {}),
			};
		},
	};
}

function reportOf(inForce: readonly LimitInForce[], hits: {readonly memory?: number; readonly pids?: number}): readonly LimitReport[] {
	return inForce.flatMap(({name, value, force}) =>
		name === 'cpus' || (force.by === 'control-group' && (hits[name] ?? 0) === 0) ? [] : [{name, value, hits: hits[name] ?? 0}],
	);
}

/**
 * RLIMIT_NPROC counts what a user has in the user namespace (since Linux 5.14), threads too: the builder's own and those of steps beside this
 * one. Each step can have what it may, so that none fails because of another.
 */
function resourceLimits(inForce: readonly LimitInForce[], jobs: number): () => StepLimits {
	const byResource = new Map(inForce.filter(({force}) => force.by === 'resource-limit').map(({name, value}) => [name, value]));
	const data = byResource.get('memory');
	const processes = byResource.get('pids');
	return () => ({
		// What is stricter already stays: only the machine's root may raise it.
		...(data === undefined ? {} : {data: Math.min(data, hardLimit('Max data size'))}),
		...(processes === undefined
			? {}
			: {processes: Math.min(processes * jobs + threadsOfBuilder() + spareThreads, hardLimit('Max processes'))}),
	});
}

/** Threads of processes that are in this process namespace itself: NSpid has one more number for those of steps (proc_pid_status(5)). */
function threadsOfBuilder(): number {
	return readdirSync('/proc')
		.filter((name) => /^\d+$/v.test(name))
		.reduce((sum, pid) => sum + threadsOf(pid), 0);
}

function threadsOf(pid: string): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		return /^NSpid:\s+\d+$/mv.test(status) ? Number(/^Threads:\s+(\d+)$/mv.exec(status)?.[1] ?? 0) : 0;
	} catch {
		// It has ended.
		return 0;
	}
}

/** Numbers of the processors that this process may use, from a list such as `0-3,8`. */
function allowedProcessors(): readonly number[] {
	const list = /^Cpus_allowed_list:\s+(\S+)$/mv.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
	return list.split(',').flatMap((range) => {
		const [first = 0, last = first] = range.split('-').map(Number);
		return Array.from({length: last - first + 1}, (_, index) => first + index);
	});
}

function take(numbers: readonly number[], from: number, count: number): readonly number[] {
	return Array.from({length: count}, (_, index) => numbers[(from + index) % numbers.length] ?? 0);
}
