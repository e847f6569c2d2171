import {BuildError} from '../diagnostics/build-error.ts';
import type {BudgetsOp, Step} from '../plan/plan.ts';
import {operationKey} from '../plan/step-key.ts';
import type {BuildContext} from './build-context.ts';
import {exceededBudgets} from './exceeded-budgets.ts';
import type {LayerStack} from './layer-stack.ts';
import {mergeIndexes} from './merge-indexes.ts';
import type {StepResult} from './step-result.ts';

/** CHECK with budgets: compares what the layers below hold. What was within them once is remembered. */
export async function budgetStep(
	context: BuildContext,
	{step, op, below, madeBy}: {readonly step: Step; readonly op: BudgetsOp; readonly below: LayerStack; readonly madeBy: readonly string[]},
): Promise<{result: StepResult; hit: boolean}> {
	const {store} = context;
	const result: StepResult = {stack: below, empty: true};
	const operation = operationKey(op, []);
	const chain = await below.awaitChain();
	if (!context.isUncached(step) && store.steps.get(operation, chain) !== undefined) return {result, hit: true};
	const ids = await Promise.all(below.layers.map(async ({identity}) => (await identity).diffId));
	if (ids.some((id) => store.layers.readIndex(id) === undefined)) await (await context.worker()).call('unpack', {stack: below.stack});
	const files = mergeIndexes(ids.map((id) => store.layers.readIndex(id) ?? []));
	const layers = ids.map((id, index) => ({size: store.layers.get(id)?.size ?? 0, madeBy: madeBy[index] ?? ''}));
	const problems = exceededBudgets(op.budgets, step.origin.source, {layers, files});
	if (problems.length > 0) throw new BuildError(problems);
	store.steps.put(operation, chain, {diffId: null});
	return {result, hit: false};
}
