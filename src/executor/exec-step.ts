import {statfsSync} from 'node:fs';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {insecureNotAllowed} from '../diagnostics/instruction.ts';
import {storeNoSpace} from '../diagnostics/store.ts';
import {userNotSwitched} from '../diagnostics/step.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Platform} from '../oci/image-config.ts';
import type {ExecOp, Hints, Step} from '../plan/plan.ts';
import {platformText} from '../plan/platform.ts';
import {operationKey} from '../plan/step-key.ts';
import type {StepKey} from '../core/digest.ts';
import type {BuildContext} from './build-context.ts';
import type {BuildRequest} from './build-request.ts';
import {explainStep} from './explain-step.ts';
import type {LayerStack} from './layer-stack.ts';
import type {Slot} from './limit.ts';
import {inPlace, type MountInputs, mountInputs, type MountOrigins} from './mount-inputs.ts';
import {removeLeavings} from './remove-leavings.ts';
import {runAttempts} from './run-attempts.ts';
import {SecretMask} from './secret-mask.ts';
import {StepLog} from './step-log.ts';
import {addLayer, recall, type StepResult} from './step-result.ts';
import type {StepRecord} from '../store/step-cache.ts';
import type {WorkerClient} from './worker-client.ts';
import type {ComingStack, ExecReply, ExecRequest, RequestOf, Times} from './worker/protocol.ts';

/** A command that runs: what can be asked of the worker before it has ended. */
export interface Underway {
	/** What the next step stands on. */
	readonly stack: ComingStack;
	readonly slot: Slot;
}

/** The operation of a RUN with all that decides it. */
interface Keyed {
	readonly full: ExecOp;
	readonly operation: StepKey;
	readonly mounts: MountInputs;
	readonly times: Times;
}

/** A command that the worker has been asked to run. */
interface Asked extends Keyed {
	readonly worker: WorkerClient;
	readonly request: RequestOf<'exec'>;
	readonly reply: Promise<ExecReply>;
	/** Takes the output, beginning with what has come already. */
	output(show: (chunk: Uint8Array) => void): void;
}

/** RUN: the remembered result, or the command's. */
export class ExecStep {
	readonly #context: BuildContext;
	readonly #step: Step;
	readonly #op: ExecOp;
	readonly #origins: MountOrigins;
	#keyed: Promise<Keyed> | undefined;
	#asked: Asked | undefined;

	constructor(context: BuildContext, step: Step, op: ExecOp, origins: MountOrigins) {
		this.#context = context;
		this.#step = step;
		this.#op = op;
		this.#origins = origins;
	}

	/**
	 * Asks for the command while that of the step below runs, so that the worker goes from one to the other by itself. Only where nothing has to
	 * be waited for and it cannot be a hit: it never ran on anything. Returns its place among the commands that may run. Whatever is wrong is
	 * found again by `run`, and told in its turn.
	 */
	async askAhead({stack, slot}: Underway): Promise<Slot | undefined> {
		if ((this.#op.mounts ?? []).length > 0) return undefined;
		let place: Slot | undefined;
		try {
			const keyed = await this.#key();
			const {store} = this.#context;
			if (!this.#context.isUncached(this.#step) && store.steps.hasAny(keyed.operation)) return undefined;
			place = slot.pass();
			// Nobody has to wait for it as long as it does not run.
			if (place !== undefined) this.#asked = await this.#ask(keyed, stack);
			return place;
		} catch {
			place?.release();
			return undefined;
		}
	}

	/** `runs` is told as soon as the worker has been asked. */
	async run(below: LayerStack, runs: (stack: ComingStack) => void): Promise<{result: StepResult; hit: boolean}> {
		const ahead = this.#asked;
		const keyed = await this.#key();
		const known = ahead === undefined ? await this.#find(keyed, below) : undefined;
		if (known !== undefined) return {result: known, hit: true};
		const {operation} = keyed;
		// When somebody else does it by now, the same is done twice.
		const lock = ahead === undefined ? await this.#context.lockOperation(operation) : await this.#context.tryLockOperation(operation);
		const recorded = (): void => lock?.release();
		try {
			const meanwhile = ahead === undefined ? await this.#find(keyed, below) : undefined;
			if (meanwhile !== undefined) {
				recorded();
				return {result: meanwhile, hit: true};
			}
			const asked = ahead ?? (await this.#ask(keyed, below.stack));
			const {id, hints} = this.#step;
			// The next step waits for the layer of the last attempt.
			if (hints.retry === undefined) runs({host: below.host, layers: [...below.stack.layers, {step: id}]});
			const {reply, ranAt} = await this.#await(asked);
			const {layer, leavings} = reply;
			const made = {operation, parent: below.chain, made: layer, below, ranAt, recorded};
			const result = addLayer(this.#context, asked.worker, made);
			if (leavings !== undefined) this.#context.inBackground(layerIsThere(result).then(() => removeLeavings(leavings)));
			return {result, hit: false};
		} catch (error) {
			recorded();
			throw error;
		}
	}

	#key(): Promise<Keyed> {
		this.#keyed ??= this.#makeKey();
		return this.#keyed;
	}

	async #makeKey(): Promise<Keyed> {
		const {request: wanted} = this.#context;
		const {insecure} = this.#op;
		if (insecure !== undefined && !wanted.allowInsecure)
			throw new BuildError([insecureNotAllowed({source: this.#step.origin.source, span: insecure})]);
		const env = withEpoch(this.#op.env, wanted);
		const times = timesOf(wanted);
		const {os, architecture, variant = ''} = this.#context.platformOf(this.#step);
		const network = this.#op.network === 'host' ? wanted.network : this.#op.network;
		const full: ExecOp = {...this.#op, env, network};
		const mounts = await mountInputs(this.#context, this.#step, this.#op, this.#origins);
		const operation = operationKey(full, [
			...mounts.inputs,
			['times', `${times.kind} ${'epoch' in times ? times.epoch : ''}`],
			['platform', `${os}/${architecture}/${variant}`],
			...(wanted.hosts.length === 0 ? [] : [['hosts', wanted.hosts.join('\n')] as const]),
		]);
		this.#context.facts.noteKey(this.#step.id, operation);
		return {full, operation, mounts, times};
	}

	/** An operation that never ran on anything cannot be a hit: then nobody waits for the diffID of the layer below. */
	async #find({operation}: Keyed, below: LayerStack): Promise<StepResult | undefined> {
		const {steps} = this.#context.store;
		if (this.#context.isUncached(this.#step) || (below.known === undefined && !steps.hasAny(operation))) return undefined;
		const record = steps.get(operation, await below.awaitChain());
		return isTooOld(record, this.#step.hints) ? undefined : recall(this.#context, record, below);
	}

	async #ask(keyed: Keyed, stack: ComingStack): Promise<Asked> {
		const {full, mounts, times} = keyed;
		const {id, hints} = this.#step;
		const request: RequestOf<'exec'> = {
			step: id,
			stack,
			...requestOf(full),
			times,
			mounts: await mounts.requests(),
			...limitOf(this.#step),
			...foreignOf(this.#context.platformOf(this.#step), this.#context.request.buildPlatform),
			...(full.insecure === undefined ? {} : {insecure: true}),
		};
		const worker = await this.#context.worker();
		const early: Uint8Array[] = [];
		let take = (chunk: Uint8Array): void => void early.push(chunk);
		worker.listen(id, (_, chunk) => take(chunk));
		const reply = worker.call('exec', {...request, mayRunAgain: hints.retry !== undefined});
		// Whoever asked ahead does not look at it when the step below fails.
		reply.catch(() => {});
		const output = (show: (chunk: Uint8Array) => void): void => {
			for (const chunk of early.splice(0)) show(chunk);
			take = show;
		};
		return {...keyed, worker, request, reply, output};
	}

	/** Its end, with everything that it says on the way. Throws when it is no success. */
	async #await({full, worker, request, reply: first, output}: Asked): Promise<{reply: Extract<ExecReply, {kind: 'done'}>; ranAt: number}> {
		const {store, events} = this.#context;
		const step = this.#step;
		const log = new StepLog(`${store.directory}/logs/${(await this.#context.live()).id}`, logName(this.#context, step));
		const masking = new SecretMask((request.mounts ?? []).flatMap((mount) => ('content' in mount ? [mount.content] : [])));
		const show = (chunk: Uint8Array): void => {
			if (chunk.length === 0) return;
			log.write(chunk);
			events.stepOutput(step, chunk);
		};
		output((chunk) => show(masking.take(chunk)));
		let next: Promise<ExecReply> | undefined = first;
		const call = (mayRunAgain: boolean): Promise<ExecReply> => {
			const attempt = next ?? worker.call('exec', {...request, mayRunAgain});
			next = undefined;
			return inPlace(step, undefined, () => attempt);
		};
		const {reply, attempts, ranAt} = await runAttempts(this.#context, {step, log}, call).finally(() => {
			show(masking.end());
			log.close();
		});
		if (reply.kind === 'done') {
			if (reply.actingFor !== undefined) events.warned([userNotSwitched(step.origin, full.user, reply.actingFor)]);
			return {reply, ranAt};
		}
		throw new BuildError([
			...fullDisk(store.directory),
			explainStep({reply, attempts, platform: this.#context.platformOf(step)}, step, full, log),
		]);
	}
}

async function layerIsThere({stack, empty}: StepResult): Promise<void> {
	if (!empty) await stack.layers.at(-1)?.identity;
}

/** Steps of other platforms have the same ids. */
function logName({request, platform}: BuildContext, {id}: Step): string {
	return request.platforms.length > 1 ? `${platformText(platform).replaceAll('/', '_')}-${id}` : String(id);
}

/** A record without a time, or from the future, may be of any age. */
function isTooOld(record: StepRecord | undefined, {cacheTtl}: Hints): boolean {
	if (cacheTtl === undefined || record === undefined) return false;
	const age = Date.now() - (record.ranAt ?? Infinity);
	return !(age >= 0 && age <= cacheTtl);
}

function foreignOf({architecture}: Platform, build: Platform): Pick<ExecRequest, 'foreign'> {
	return architecture === build.architecture ? {} : {foreign: {architecture, machine: build.architecture}};
}

function limitOf({hints: {timeout}}: Step): {readonly timeout?: number} {
	return timeout === undefined ? {} : {timeout: timeout.milliseconds};
}

function requestOf(op: ExecOp): Pick<ExecOp, 'args' | 'env' | 'user' | 'cwd' | 'network' | 'script' | 'discard'> {
	const {args, env, user, cwd, network, script, discard} = op;
	return {args, env, user, cwd, network, ...(script === undefined ? {} : {script}), ...(discard === undefined ? {} : {discard})};
}

/** Tools that honour SOURCE_DATE_EPOCH (reproducible-builds.org) write it instead of the current time. */
function withEpoch(env: ExecOp['env'], {epoch}: BuildRequest): ExecOp['env'] {
	if (epoch.kind === 'keep' || env.some(([name]) => name === 'SOURCE_DATE_EPOCH')) return env;
	return [...env, ['SOURCE_DATE_EPOCH', String(epoch.seconds)]];
}

function timesOf({epoch}: BuildRequest): Times {
	if (epoch.kind === 'keep') return {kind: 'keep'};
	return {kind: epoch.kind === 'given' ? 'clamp' : 'since', epoch: epoch.seconds};
}

/** What most likely made a step fail, when nothing fits into the store any more. */
function fullDisk(directory: string): readonly Diagnostic[] {
	const {bavail, bsize} = statfsSync(directory);
	return bavail * bsize < 1 << 20 ? [storeNoSpace(directory)] : [];
}
