import type {ExecOp, Op, Plan, Step} from '../plan/plan.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseReference} from '../plan/plan.ts';
import type {ResolvedBase} from '../sources/source.ts';
import {budgetStep} from './budget-step.ts';
import type {BuildContext} from './build-context.ts';
import type {StackOf} from './copy-selection.ts';
import {copyStep} from './copy-step.ts';
import {withAllContextProblems} from './context-problems.ts';
import type {ContextOf} from './context-tree.ts';
import {ExecStep, type Underway} from './exec-step.ts';
import {hostIdentity} from './host-identity.ts';
import {LayerStack} from './layer-stack.ts';
import {Slots} from './limit.ts';
import type {StepResult} from './step-result.ts';
import {resolvedStack} from './resolved-stack.ts';
import {stackedSteps, wantsDirectories} from './stacked-steps.ts';

/**
 * Runs every step as soon as what it stands on is there: stages that do not need each other at the same time, at most `jobs` commands at
 * once. Returns the results by step id; throws the first failure after everything else has stopped.
 */
export async function runPlan(
	context: BuildContext,
	{plan, bases, contextOf}: {plan: Plan; bases: ReadonlyMap<string, ResolvedBase>; contextOf: ContextOf},
): Promise<readonly StepResult[]> {
	const results: Promise<StepResult>[] = [];
	const stacked = stackedSteps(plan);
	const slots = new Slots(context.request.jobs);
	/** By step: resolves when its command runs, or will not. */
	const underway: Promise<Underway | undefined>[] = [];
	const resultOf = async (id: number | undefined): Promise<StepResult> => {
		const result = id === undefined ? undefined : results[id];
		if (result === undefined) throw new Error(`step ${id} does not come before the step that needs it`);
		return result;
	};
	const baseStack = (base: BaseReference): LayerStack => {
		if (base.kind === 'scratch') return LayerStack.scratch;
		if (base.kind === 'host') return LayerStack.onHost(hostIdentity());
		const resolved = bases.get(baseName(base));
		if (resolved === undefined) throw new Error(`the base ${baseName(base)} was not resolved`);
		return resolvedStack(resolved, context.store);
	};
	const stackOf: StackOf = async (from) => (from.kind === 'step' ? (await resultOf(from.step)).stack : baseStack(from.base));
	/** The instruction that made each layer below a step. */
	const layerOrigins = async (step: Step): Promise<readonly string[]> => {
		const before = plan.steps[(step.op.kind === 'base' && step.op.base.kind === 'step' ? step.op.base.step : step.parent) ?? -1];
		if (before === undefined) return [];
		const known = await layerOrigins(before);
		const {stack} = await resultOf(before.id);
		return stack.layers.map((_, index) => known[index] ?? before.origin.text);
	};
	const perform = async (step: Step, op: Exclude<Op, ExecOp>): Promise<StepResult> => {
		if (op.kind === 'base') {
			return {stack: op.base.kind === 'step' ? (await resultOf(op.base.step)).stack : baseStack(op.base), empty: true};
		}
		const below = (await resultOf(step.parent)).stack;
		if (op.kind === 'config') return {stack: below, empty: true};
		// What a copy takes from must be there before it counts as running.
		if (op.kind === 'copy' && op.from.kind === 'step') await resultOf(op.from.step);
		const slot = await slots.take();
		try {
			return await timed(context, step, async () =>
				op.kind === 'budgets'
					? budgetStep(context, {step, op, below, madeBy: await layerOrigins(step)})
					: copyStep(context, {step, op, below, contextOf, stackOf, asTar: !stacked.has(step.id) && !wantsDirectories(context.request)}),
			);
		} finally {
			slot.release();
		}
	};
	const performExec = async (step: Step, op: ExecOp, runs: (running: Underway) => void): Promise<StepResult> => {
		const exec = new ExecStep(context, step, op, {contextOf, stackOf});
		const before = await underway[step.parent ?? -1];
		let slot = before === undefined ? undefined : await exec.askAhead(before);
		try {
			const below = (await resultOf(step.parent)).stack;
			await Promise.all(stepsOfMounts(op).map(resultOf));
			const mine = (slot ??= await slots.take());
			return await timed(context, step, () => exec.run(below, (stack) => runs({stack, slot: mine})));
		} finally {
			slot?.release();
		}
	};
	for (const step of plan.steps) {
		const {op} = step;
		let runs: (running: Underway | undefined) => void = () => {};
		const running = new Promise<Underway | undefined>((resolve) => {
			runs = resolve;
		});
		underway.push(op.kind === 'config' ? (underway[step.parent ?? -1] ?? running) : running);
		const result = op.kind === 'exec' ? performExec(step, op, runs) : perform(step, op);
		result.catch(() => context.stop()).finally(() => runs(undefined));
		results.push(result);
	}
	return Promise.all(results).catch(async (error: unknown) => {
		throw await withAllContextProblems(error, plan, contextOf);
	});
}

/** Steps whose files are mounted. */
function stepsOfMounts({mounts = []}: ExecOp): readonly number[] {
	return mounts.flatMap((mount) => ('from' in mount && mount.from?.kind === 'step' ? [mount.from.step] : []));
}

async function timed(
	context: BuildContext,
	step: Step,
	work: () => Promise<{readonly result: StepResult; readonly hit: boolean}>,
): Promise<StepResult> {
	context.signal.throwIfAborted();
	if (context.isStopped) throw new Error('another step has failed');
	const start = performance.now();
	context.events.stepStarted(step);
	try {
		const {result, hit} = await work();
		context.events.stepEnded(step, hit ? 'hit' : 'ran', performance.now() - start);
		return result;
	} catch (error) {
		context.events.stepEnded(step, 'failed', performance.now() - start);
		throw error;
	}
}
