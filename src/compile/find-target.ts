import {suggest} from '../core/suggest.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {unknownTarget} from '../diagnostics/stage.ts';
import {indexOfName} from './find-stage.ts';
import type {StageOutline} from './outline.ts';

/** The stage to build, by name or number; the last one when nothing is asked for. Undefined when it has been reported, or there is no stage. */
export function findTarget(
	target: string | undefined,
	stages: readonly StageOutline[],
	report: (diagnostic: Diagnostic) => void,
): number | undefined {
	if (stages.length === 0) return undefined;
	if (target === undefined || target === '') return stages.length - 1;
	const named = indexOfName(target, stages);
	if (named !== undefined) return named;
	if (/^\d+$/v.test(target) && Number(target) < stages.length) return Number(target);
	const names = stages.flatMap(({name}) => (name === undefined ? [] : [name.text]));
	report(unknownTarget(target, {stages: names, suggestion: suggest(target, names)}));
	return undefined;
}
