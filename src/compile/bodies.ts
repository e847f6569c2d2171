import type {Source, Span} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {flagNamed} from '../instructions/check-flags.ts';
import {mountOrigins} from '../instructions/check-run-mounts.ts';
import {triggerText} from '../instructions/onbuild.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';
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
	readonly contexts: NamedContexts;
}

export function bodiesOf(stages: readonly ResolvedStage[], options: BodyOptions): readonly StageBody[] {
	return stages.map((stage) => {
		const {placed, diagnostics} = readTriggers(triggersOf(stage, stages, options), stage.base.text);
		const own = stage.instructions.map((instruction) => ({source: options.source, instruction}));
		const all = [...placed, ...own];
		return {stage, placed: all, copies: all.flatMap((entry) => copyReference(entry, stage, {...options, stages})), diagnostics};
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
	{stages, source, contexts}: BodyOptions & {readonly stages: readonly ResolvedStage[]},
): readonly CopyReference[] {
	const flag = instruction.keyword === 'COPY' ? flagNamed(instruction, 'from') : undefined;
	// Variables are no part of `--from`; the check of COPY reports them.
	const copied =
		flag?.value === undefined || flag.value === '' || flag.value.includes('$') ? [] : [{text: flag.value, span: flag.valueSpan}];
	return [...copied, ...mountOrigins(instruction, own)].map(({text, span}) => {
		const reference = {text, source: own, span, stage: stage.index, use: 'copy', contexts} as const;
		return {found: findStage(reference, stages, source), source: own, span};
	});
}
