import {statfsSync} from 'node:fs';
import {constants} from 'node:os';
import {stepCommandNotFound, stepFailed, stepSetup, stepUserNotMapped, stepWorkingDirectory} from '../diagnostics/step.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {stepMountTarget} from '../diagnostics/mount.ts';
import {storeNoSpace} from '../diagnostics/store.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {ExecOp, Step} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import type {BuildContext} from './build-context.ts';
import type {BuildRequest} from './build-request.ts';
import type {LayerStack} from './layer-stack.ts';
import {inPlace, mountInputs, type MountOrigins} from './mount-inputs.ts';
import {StepLog} from './step-log.ts';
import {addLayer, recall, type StepResult} from './step-result.ts';
import type {ExecReply, Times} from './worker/protocol.ts';

/** Lines of a failed step's output in its diagnostic. */
const shownLines = 20;

/** RUN: the remembered result, or the command's. */
export async function execStep(
	context: BuildContext,
	step: Step,
	op: ExecOp,
	below: LayerStack,
	origins: MountOrigins,
): Promise<{result: StepResult; hit: boolean}> {
	const {store, request: wanted} = context;
	const env = withEpoch(op.env, wanted);
	const times = timesOf(wanted);
	const {os, architecture, variant = ''} = wanted.platform;
	const network = op.network === 'host' ? wanted.network : op.network;
	const full: ExecOp = {...op, env, network};
	const mounts = await mountInputs(context, step, op, origins);
	const operation = operationKey(full, [
		...mounts.inputs,
		['times', `${times.kind} ${'epoch' in times ? times.epoch : ''}`],
		['platform', `${os}/${architecture}/${variant}`],
	]);
	// An operation that never ran on anything cannot be a hit: then nobody waits for the diffID of the layer below.
	const find = async (): Promise<StepResult | undefined> => {
		if (context.isUncached(step) || (below.known === undefined && !store.steps.hasAny(operation))) return undefined;
		return recall(context, store.steps.get(operation, await below.chain), below);
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
		const request = {step: step.id, stack: below.stack, ...requestOf(full), times, mounts: await mounts.requests()};
		const worker = await context.worker();
		const log = new StepLog(`${store.directory}/logs/${(await context.live()).id}`, String(step.id));
		worker.listen(step.id, (_, chunk) => {
			log.write(chunk);
			context.events.stepOutput(step, chunk);
		});
		const reply = await inPlace(step, undefined, () => worker.call('exec', request)).finally(() => log.close());
		if (reply.kind !== 'done') throw new BuildError([...fullDisk(store.directory), explain(reply, step, full, log)]);
		return {
			result: addLayer(context, worker, {operation, parent: below.chain, made: reply.layer, below, recorded: () => lock.release()}),
			hit: false,
		};
	} catch (error) {
		lock.release();
		throw error;
	}
}

function requestOf(op: ExecOp): Pick<ExecOp, 'args' | 'env' | 'user' | 'cwd' | 'network' | 'script'> {
	const {args, env, user, cwd, network, script} = op;
	return {args, env, user, cwd, network, ...(script === undefined ? {} : {script})};
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

function explain(reply: Exclude<ExecReply, {kind: 'done'}>, step: Step, op: ExecOp, log: StepLog): Diagnostic {
	const label = {source: step.origin.source, span: step.origin.span};
	if (reply.kind === 'failed') {
		const signal = reply.signal === undefined ? undefined : signalName(reply.signal);
		return stepFailed({
			label,
			command: step.origin.text,
			exitCode: reply.exitCode,
			...(signal === undefined ? {} : {signal}),
			lastLines: log.lastLines(shownLines),
			log: log.path,
		});
	}
	const {purpose, errno} = reply;
	const mount = op.mounts?.find(({target}) => target !== undefined && purpose === `binding ${target}`);
	if (mount?.target !== undefined)
		return {primary: {...label, span: mount.span}, ...stepMountTarget(mount.target, `the kernel answers ${errno} there`)};
	if (purpose.startsWith('starting ')) return stepCommandNotFound(label, op.args[0] ?? '', errno);
	if (purpose.startsWith('entering the working directory')) return stepWorkingDirectory(label, op.cwd, errno);
	if (purpose.startsWith('becoming ') && errno === 'EINVAL') return stepUserNotMapped(label, op.user, errno);
	return stepSetup(label, purpose, errno);
}

function signalName(number: number): string {
	return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
