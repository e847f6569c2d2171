import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {unknownTarget} from '../diagnostics/stage.ts';
import {indexOfName} from './find-stage.ts';
import type {StageOutline} from './outline.ts';

/** Number of the stage that somebody outside the file means, by name or number; without one the last. Undefined when there is none. */
export function stageIndex(wanted: string | undefined, stages: readonly StageOutline[]): number | undefined {
	if (wanted === undefined || wanted === '') return stages.length === 0 ? undefined : stages.length - 1;
	const named = indexOfName(wanted, stages);
	if (named !== undefined) return named;
	return /^\d+$/v.test(wanted) && Number(wanted) < stages.length ? Number(wanted) : undefined;
}

/** The stage to build. Undefined when it has been reported, or there is no stage. */
export function findTarget(
	target: string | undefined,
	stages: readonly StageOutline[],
	report: (diagnostic: Diagnostic) => void,
): number | undefined {
	const found = stageIndex(target, stages);
	if (found !== undefined || target === undefined || stages.length === 0) return found;
	const names = stages.flatMap(({name}) => (name === undefined ? [] : [name.text]));
	report(unknownTarget(target, {stages: names, suggestion: suggest(target, names)}));
	return undefined;
}
