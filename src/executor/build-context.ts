import {createHash} from 'node:crypto';
import type {Json} from '../core/canonical-json.ts';
import {canonicalJson} from '../core/canonical-json.ts';
import type {StepKey} from '../core/digest.ts';
import type {Lock} from '../host/lock.ts';
import type {Platform} from '../oci/image-config.ts';
import type {Plan, Step} from '../plan/plan.ts';
import type {LiveBuild} from '../store/live-builds.ts';
import type {Store} from '../store/open-store.ts';
import type {AgentSockets} from './agent-sockets.ts';
import type {BuildEvents} from './build-events.ts';
import {BuildFacts} from './build-facts.ts';
import type {BuildRequest} from './build-request.ts';
import type {BuildSession} from './build-session.ts';
import type {WorkerClient} from './worker-client.ts';

/** What all steps of a build for one platform share. */
export class BuildContext {
	readonly session: BuildSession;
	/** Of the image that is built. */
	readonly platform: Platform;
	readonly facts = new BuildFacts();
	readonly #stages = new Map<number, {readonly name: string; readonly platform: Platform}>();
	#stopped = false;

	constructor(session: BuildSession, platform: Platform) {
		this.session = session;
		this.platform = platform;
	}

	get request(): BuildRequest {
		return this.session.request;
	}

	get store(): Store {
		return this.session.store;
	}

	get events(): BuildEvents {
		return this.session.events;
	}

	get signal(): AbortSignal {
		return this.session.signal;
	}

	get agents(): AgentSockets {
		return this.session.agents;
	}

	/** True when the command line or the step's own flag wants it to run in any case. */
	isUncached(step: Step): boolean {
		const {noCache} = this.request;
		return step.hints.noCache || (typeof noCache === 'boolean' ? noCache : noCache.includes(this.#stages.get(step.stage)?.name ?? ''));
	}

	/** The platform whose programs a step runs: that of its stage. */
	platformOf(step: Step): Platform {
		return this.#stages.get(step.stage)?.platform ?? this.platform;
	}

	/** Called once when the plan is known. */
	usePlan(plan: Plan): void {
		for (const [position, {name, index, platform}] of plan.stages.entries())
			this.#stages.set(position, {name: name ?? String(index), platform});
	}

	/** After a failure no further step starts. */
	stop(): void {
		this.#stopped = true;
	}

	get isStopped(): boolean {
		return this.#stopped;
	}

	worker(): Promise<WorkerClient> {
		return this.session.worker();
	}

	prepareWorker(): Promise<void> {
		return this.session.prepareWorker();
	}

	live(): Promise<LiveBuild> {
		return this.session.live();
	}

	lockOperation(operation: StepKey): Promise<Lock> {
		return this.session.lockOperation(operation);
	}

	tryLockOperation(operation: StepKey): Promise<Lock | undefined> {
		return this.session.tryLockOperation(operation);
	}

	inBackground(work: Promise<unknown>): void {
		this.session.inBackground(work);
	}
}

/** A digest of facts, for memo keys and as the parent of a step record. */
export function factsDigest(facts: Json): string {
	return `sha256:${createHash('sha256').update(canonicalJson(facts)).digest('hex')}`;
}
