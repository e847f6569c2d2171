import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Plan} from '../plan/plan.ts';
import type {ContextOf} from './context-tree.ts';
import {flagsOf, patternsOf} from './copy-selection.ts';
import {located} from './located.ts';

/** A build that lacks one file of the context is told of all that it lacks; any other error stays as it is. */
export async function withAllContextProblems(error: unknown, {steps}: Plan, contextOf: ContextOf): Promise<unknown> {
	if (!(error instanceof BuildError) || !error.diagnostics.every(({code}) => code.startsWith('context/'))) return error;
	const found: Diagnostic[] = [];
	for (const step of steps) {
		const {op} = step;
		if (op.kind !== 'copy' || op.from.kind !== 'context') continue;
		const {from} = op;
		try {
			await located(step, () => contextOf(from).select(patternsOf(op.sources), flagsOf(op)));
		} catch (problem) {
			if (!(problem instanceof BuildError)) throw problem;
			found.push(...problem.diagnostics);
		}
	}
	return found.length === 0 ? error : new BuildError(found, {cause: error});
}
