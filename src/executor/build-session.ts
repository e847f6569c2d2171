import {chmodSync, lstatSync, mkdirSync, readdirSync, rmSync, statSync} from 'node:fs';
import {setImmediate, setTimeout} from 'node:timers/promises';
import type {StepKey} from '../core/digest.ts';
import {hexOf} from '../core/digest.ts';
import {errnoOf} from '../host/errno.ts';
import type {Lock} from '../host/lock.ts';
import {envNotConfined} from '../diagnostics/env.ts';
import type {BuildGroup} from '../isolation/control-group.ts';
import type {LiveBuild} from '../store/live-builds.ts';
import type {Store} from '../store/open-store.ts';
import {removeTree} from '../rootfs/remove-tree.ts';
import {claimStoreIds} from '../store/store-ids.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {AgentSockets} from './agent-sockets.ts';
import type {BuildEvents} from './build-events.ts';
import type {BuildRequest} from './build-request.ts';
import {dropHeadStart} from './head-start.ts';
import {Remote} from './remote.ts';
import type {BlobNews, StartReply, StartRequest} from './worker/protocol.ts';
import type {WorkerClient} from './worker-client.ts';

/** Builds whose logs stay. */
const keptLogs = 100;

/** What a build has once, however many platforms it is for: its worker, its place in the store, its agents. */
export class BuildSession {
	readonly request: BuildRequest;
	readonly store: Store;
	readonly events: BuildEvents;
	readonly signal: AbortSignal;
	readonly agents: AgentSockets;
	readonly remote: Remote;
	readonly #background = new Set<Promise<unknown>>();
	#worker: Promise<WorkerClient> | undefined;
	#comes = (): void => {};
	/** It comes up by itself. */
	readonly #coming = new Promise<void>((resolve) => {
		this.#comes = resolve;
	});
	#isUsed = false;
	#live: Promise<LiveBuild> | undefined;
	#group: BuildGroup | undefined;
	#ending: Promise<void> | undefined;

	constructor(request: BuildRequest, store: Store, events: BuildEvents, signal: AbortSignal) {
		this.request = request;
		this.store = store;
		this.events = events;
		this.signal = signal;
		this.agents = new AgentSockets(request.agents, async () => (await this.live()).directory);
		this.remote = new Remote(request.remote, {
			store,
			signal,
			noted: (note) => events.warned([note]),
			progressed: (transfer) => events.transferred(transfer),
		});
		signal.addEventListener('abort', () => void this.#killSteps(), {once: true});
	}

	async #killSteps(): Promise<void> {
		const worker = await this.#worker?.catch(() => {});
		await worker?.call('abort', null).catch(() => {});
	}

	/** A step, or something else, has wanted the worker. */
	get isUsed(): boolean {
		return this.#isUsed;
	}

	/** The worker, started now unless it is on its way already. */
	async worker(): Promise<WorkerClient> {
		this.signal.throwIfAborted();
		this.#worker ??= this.#launchWorker();
		const client = await this.#worker;
		// Calls wait in the worker until it is ready, and fail there if it cannot be.
		if (!this.#isUsed) {
			client.started.then((reply) => this.#announce(client, reply)).catch(() => {});
			// While it works there is time.
			this.inBackground(setImmediate().then(() => this.#sweep(client)));
		}
		this.#isUsed = true;
		return client;
	}

	#announce({facts, ids, entry}: WorkerClient, {driver, driverFacts, limits}: StartReply): void {
		const isConfined = entry.kind !== 'none';
		this.events.workerStarted({driver, ids, isConfined, facts: [...facts, ...driverFacts], limits});
		if (!isConfined) this.events.warned([envNotConfined(facts)]);
	}

	/** Starts it when a miss is likely; resolves when it comes up by itself, while the plan is made. Never rejects: `worker` does. */
	prepareWorker(): Promise<void> {
		this.#worker ??= this.#launchWorker();
		const done = (): void => {};
		return Promise.race([this.#coming, this.#worker.then(done, done)]);
	}

	async #launchWorker(): Promise<WorkerClient> {
		const {startWorker} = await import('./worker-client.ts');
		const limits = await this.#prepareLimits();
		const bring = (blob: Descriptor, tell: (news: BlobNews) => void): void => this.remote.downloads.bring(blob, tell);
		const {directory} = await this.live();
		const {ids, driver, hosts} = this.request;
		const session = {store: this.store.directory, directory, driver, hosts, ...limits};
		const client = await startWorker(this.store.directory, ids, {bring, session, coming: this.#comes});
		try {
			claimStoreIds(this.store.directory, client.ids);
			return client;
		} catch (error) {
			await client.close();
			throw error;
		}
	}

	/** Looks for what enforces the limits before the worker starts: it is born where its command is. */
	async #prepareLimits(): Promise<Pick<StartRequest, 'limits'>> {
		const {limits, jobs} = this.request;
		if (Object.keys(limits).length === 0) return {};
		dropHeadStart();
		const {prepareLimits} = await import('./prepare-limits.ts');
		const {found, group} = await prepareLimits(limits, (await this.live()).id);
		this.#group = group;
		return {limits: {...found, limits, jobs}};
	}

	/** Deletes old logs, and what killed builds left behind: some of that only the worker can open. */
	async #sweep(worker: WorkerClient): Promise<void> {
		const {takeStaleBuilds} = await import('../store/live-builds.ts');
		for (const path of oldLogs(`${this.store.directory}/logs`)) rmSync(path, {recursive: true, force: true});
		const paths = await takeStaleBuilds(this.store.directory);
		if (paths.length > 0) await worker.call('remove', {paths});
	}

	/** Registers the build in the store, so that nothing it uses is pruned. */
	live(): Promise<LiveBuild> {
		this.#live ??= import('../store/live-builds.ts').then(({startLiveBuild}) => startLiveBuild(this.store.directory));
		return this.#live;
	}

	/**
	 * One process at a time does an operation; others wait for its result. Lock files are never deleted (that would race), so there is a fixed
	 * number of them: two operations that share one wait for each other now and then.
	 */
	async lockOperation(operation: StepKey): Promise<Lock> {
		const {waitForLock} = await import('../host/lock.ts');
		return waitForLock(this.#lockPath(operation), this.signal);
	}

	/** The same for who has other things to do: undefined when somebody does it, or one that shares its lock. */
	async tryLockOperation(operation: StepKey): Promise<Lock | undefined> {
		const {lockFile} = await import('../host/lock.ts');
		return lockFile(this.#lockPath(operation));
	}

	#lockPath(operation: StepKey): string {
		const directory = `${this.store.directory}/run/locks`;
		mkdirSync(directory, {recursive: true});
		return `${directory}/${hexOf(operation).slice(0, 3)}`;
	}

	/** Work that goes on beside the steps and must be done before the build ends; a failure is reported by whoever needs its result. */
	inBackground(work: Promise<unknown>): void {
		const settled = work.catch(() => {});
		this.#background.add(settled);
		void settled.then(() => this.#background.delete(settled));
	}

	async settle(): Promise<void> {
		while (this.#background.size > 0) await Promise.all(this.#background);
	}

	/** No step comes any more, and no output that needs the worker: it ends beside what is left to do. Resolves when it has been told. */
	async release(): Promise<void> {
		if (this.agents.areOpen) return;
		this.#ending ??= this.#endWorker();
		this.#ending.catch(() => {});
		await setImmediate();
	}

	/** Deletes what the build left in run/ and ends the worker. */
	async close(): Promise<void> {
		await this.agents.close();
		await this.remote.close();
		this.#ending ??= this.#endWorker();
		await this.#ending;
	}

	async #endWorker(): Promise<void> {
		const launched = await this.#worker?.catch(() => {});
		dropHeadStart();
		const hasStarted =
			this.#isUsed &&
			(await launched?.started.then(
				() => true,
				() => false,
			));
		const live = await this.#live?.catch(() => {});
		const worker = hasStarted === true ? launched : undefined;
		if (worker !== undefined && live !== undefined) {
			const removed = worker.call('remove', {paths: [live.directory]}).catch(() => {});
			// Somebody who interrupts waits no longer than this; what is left goes with the next build.
			await (this.signal.aborted ? Promise.race([removed, setTimeout(400)]) : removed);
		}
		if (worker === undefined) await launched?.close();
		if (worker === undefined && live !== undefined) removeOwn(live.directory);
		live?.release();
		await worker?.close();
		await this.#group?.remove().catch(() => {});
	}
}

/** Without a worker everything there belongs to the user. One that was ended while it started may leave what only another can delete: that goes with the next build. */
function removeOwn(directory: string): void {
	try {
		openDirectories(Buffer.from(directory));
		removeTree(directory);
	} catch (error) {
		if (!['EACCES', 'EPERM', 'ENOTEMPTY', 'ENAMETOOLONG'].includes(errnoOf(error))) throw error;
	}
}

/** The kernel's overlay makes directories of mode 000, and layers have any. */
function openDirectories(directory: Buffer): void {
	chmodSync(directory, 0o700);
	const prefix = `${directory.toString('latin1')}/`;
	for (const name of readdirSync(directory, {encoding: 'latin1'})) {
		const path = Buffer.from(prefix + name, 'latin1');
		if (lstatSync(path).isDirectory()) openDirectories(path);
	}
}

/** Logs of all but the last builds. */
function oldLogs(directory: string): string[] {
	const names = readdirSync(directory).map((name) => ({path: `${directory}/${name}`, time: statSync(`${directory}/${name}`).mtimeMs}));
	return names
		.sort((a, b) => b.time - a.time)
		.slice(keptLogs)
		.map(({path}) => path);
}
