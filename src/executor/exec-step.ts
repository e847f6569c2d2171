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
import type {BuildContext} from './build-context.ts';
import type {BuildRequest} from './build-request.ts';
import {explainStep} from './explain-step.ts';
import type {LayerStack} from './layer-stack.ts';
import {inPlace, mountInputs, type MountOrigins} from './mount-inputs.ts';
import {runAttempts} from './run-attempts.ts';
import {SecretMask} from './secret-mask.ts';
import {StepLog} from './step-log.ts';
import {addLayer, recall, type StepResult} from './step-result.ts';
import type {StepRecord} from '../store/step-cache.ts';
import type {ExecRequest, Times} from './worker/protocol.ts';

/** RUN: the remembered result, or the command's. */
export async function execStep(
	context: BuildContext,
	step: Step,
	op: ExecOp,
	below: LayerStack,
	origins: MountOrigins,
): Promise<{result: StepResult; hit: boolean}> {
	const {store, request: wanted} = context;
	if (op.insecure !== undefined && !wanted.allowInsecure)
		throw new BuildError([insecureNotAllowed({source: step.origin.source, span: op.insecure})]);
	const env = withEpoch(op.env, wanted);
	const times = timesOf(wanted);
	const {os, architecture, variant = ''} = context.platformOf(step);
	const network = op.network === 'host' ? wanted.network : op.network;
	const full: ExecOp = {...op, env, network};
	const mounts = await mountInputs(context, step, op, origins);
	const operation = operationKey(full, [
		...mounts.inputs,
		['times', `${times.kind} ${'epoch' in times ? times.epoch : ''}`],
		['platform', `${os}/${architecture}/${variant}`],
		...(wanted.hosts.length === 0 ? [] : [['hosts', wanted.hosts.join('\n')] as const]),
	]);
	context.facts.noteKey(step.id, operation);
	// An operation that never ran on anything cannot be a hit: then nobody waits for the diffID of the layer below.
	const find = async (): Promise<StepResult | undefined> => {
		if (context.isUncached(step) || (below.known === undefined && !store.steps.hasAny(operation))) return undefined;
		const record = store.steps.get(operation, await below.awaitChain());
		return isTooOld(record, step.hints) ? undefined : recall(context, record, below);
	};
	const known = await find();
	if (known !== undefined) return {result: known, hit: true};
	const lock = await context.lockOperation(operation);
	try {
		const meanwhile = await find();
		if (meanwhile !== undefined) {
			lock.release();
			return {result: meanwhile, hit: true};
		}
		const request: ExecRequest = {
			step: step.id,
			stack: below.stack,
			...requestOf(full),
			times,
			mounts: await mounts.requests(),
			...limitOf(step),
			...foreignOf(context.platformOf(step), wanted.buildPlatform),
			...(op.insecure === undefined ? {} : {insecure: true}),
		};
		const worker = await context.worker();
		const log = new StepLog(`${store.directory}/logs/${(await context.live()).id}`, logName(context, step));
		const masking = new SecretMask((request.mounts ?? []).flatMap((mount) => ('content' in mount ? [mount.content] : [])));
		const show = (chunk: Uint8Array): void => {
			if (chunk.length === 0) return;
			log.write(chunk);
			context.events.stepOutput(step, chunk);
		};
		worker.listen(step.id, (_, chunk) => show(masking.take(chunk)));
		const call = (mayRunAgain: boolean) => inPlace(step, undefined, () => worker.call('exec', {...request, mayRunAgain}));
		const {reply, attempts, ranAt} = await runAttempts(context, {step, log}, call).finally(() => {
			show(masking.end());
			log.close();
		});
		if (reply.kind === 'done' && reply.actingFor !== undefined)
			context.events.warned([userNotSwitched(step.origin, full.user, reply.actingFor)]);
		if (reply.kind !== 'done')
			throw new BuildError([
				...fullDisk(store.directory),
				explainStep({reply, attempts, platform: context.platformOf(step)}, step, full, log),
			]);
		return {
			result: addLayer(context, worker, {operation, parent: below.chain, made: reply.layer, below, ranAt, recorded: () => lock.release()}),
			hit: false,
		};
	} catch (error) {
		lock.release();
		throw error;
	}
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
