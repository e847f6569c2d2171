import type {Source, Span} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {flagNamed} from '../instructions/check-flags.ts';
import {triggerText} from '../instructions/onbuild.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseName} from '../plan/plan.ts';
import {findStage, type Found} from './find-stage.ts';
import type {ResolvedStage} from './resolve-stages.ts';
import {readTriggers, type Placed} from './triggers.ts';

/** A `--from` of a body and what it means. */
export interface CopyReference {
	readonly found: Found;
	readonly source: Source;
	readonly span: Span;
}

/** A stage with all it will do: the triggers of its base, then its own instructions. */
export interface StageBody {
	readonly stage: ResolvedStage;
	readonly placed: readonly Placed[];
	readonly copies: readonly CopyReference[];
	/** Problems of the triggers. */
	readonly diagnostics: readonly Diagnostic[];
}

export interface BodyOptions {
	readonly source: Source;
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
}

export function bodiesOf(stages: readonly ResolvedStage[], options: BodyOptions): readonly StageBody[] {
	return stages.map((stage) => {
		const {placed, diagnostics} = readTriggers(triggersOf(stage, stages, options), stage.base.text);
		const own = stage.instructions.map((instruction) => ({source: options.source, instruction}));
		const all = [...placed, ...own];
		return {stage, placed: all, copies: all.flatMap((entry) => copyReference(entry, stage, {stages, source: options.source})), diagnostics};
	});
}

function triggersOf({start}: ResolvedStage, stages: readonly ResolvedStage[], {source, bases}: BodyOptions): readonly string[] {
	if (start.kind === 'unknown') return [];
	if (start.kind === 'base') return bases.get(baseName(start.base))?.config?.OnBuild ?? [];
	return (stages[start.stage]?.instructions ?? []).flatMap(({args}) =>
		args.form === 'nested' ? [triggerText(args.instruction, source)] : [],
	);
}

function copyReference(
	{instruction, source: own}: Placed,
	stage: ResolvedStage,
	{stages, source}: {readonly stages: readonly ResolvedStage[]; readonly source: Source},
): readonly CopyReference[] {
	const flag = instruction.keyword === 'COPY' ? flagNamed(instruction, 'from') : undefined;
	// Variables are no part of `--from`; the check of COPY reports them.
	if (flag?.value === undefined || flag.value === '' || flag.value.includes('$')) return [];
	const reference = {text: flag.value, source: own, span: flag.valueSpan, stage: stage.index, use: 'copy'} as const;
	return [{found: findStage(reference, stages, source), source: own, span: flag.valueSpan}];
}
