import type {Source, Span} from '../core/source.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {flagNamed} from '../instructions/check-flags.ts';
import {mountOrigins} from '../instructions/check-run-mounts.ts';
import {triggerText} from '../instructions/onbuild.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BoxfileReference} from '../plan/boxfile-reference.ts';
import type {BaseName} from '../plan/plan.ts';
import {findStage, type Found} from './find-stage.ts';
import type {ResolvedStage} from './resolve-stages.ts';
import {readTriggers, type Placed} from './triggers.ts';
import type {Unit} from './unit.ts';

/** What FROM or a `--from` names, and where. */
export interface StageReference {
	readonly found: Found | ResolvedStage['start'];
	readonly source: Source;
	readonly span: Span;
}

/** A stage with all it will do: the triggers of its base, then its own instructions. */
export interface StageBody {
	readonly unit: Unit;
	readonly stage: ResolvedStage;
	readonly placed: readonly Placed[];
	/** FROM, then every `--from`. */
	readonly references: readonly StageReference[];
	/** Problems of the triggers. */
	readonly diagnostics: readonly Diagnostic[];
}

export interface BodyOptions {
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	/** The stage of another Boxfile, where that is known. */
	readonly stageOf: (reference: BoxfileReference) => ResolvedStage | undefined;
}

export function bodiesOf(unit: Unit, options: BodyOptions): readonly StageBody[] {
	return unit.stages.map((stage) => {
		const {placed, diagnostics} = readTriggers(triggersOf(stage, unit, options), stage.base.text);
		const all = [...placed, ...stage.instructions.map((instruction) => ({source: unit.source, instruction}))];
		const from = {found: stage.start, source: unit.source, span: stage.base.span};
		return {unit, stage, placed: all, references: [from, ...all.flatMap((entry) => copyReferences(entry, stage, unit))], diagnostics};
	});
}

function triggersOf({start}: ResolvedStage, unit: Unit, {bases, stageOf}: BodyOptions): readonly string[] {
	if (start.kind === 'unknown') return [];
	if (start.kind === 'base') return bases.get(baseName(start.base))?.config?.OnBuild ?? [];
	const below = start.kind === 'stage' ? unit.stages[start.stage] : stageOf(start.reference);
	return (below?.instructions ?? []).flatMap(({args}) => (args.form === 'nested' ? [triggerText(args.instruction)] : []));
}

function copyReferences({instruction, source: own}: Placed, stage: ResolvedStage, unit: Unit): readonly StageReference[] {
	const {contexts, directory} = unit.context;
	const flag = instruction.keyword === 'COPY' ? flagNamed(instruction, 'from') : undefined;
	// Variables are no part of `--from`; the check of COPY reports them.
	const copied =
		flag?.value === undefined || flag.value === '' || flag.value.includes('$') ? [] : [{text: flag.value, span: flag.valueSpan}];
	return [...copied, ...mountOrigins(instruction, own)].map(({text, span}) => {
		const reference = {text, source: own, span, stage: stage.index, use: 'copy', contexts, directory} as const;
		return {found: findStage(reference, unit.stages, unit.source), source: own, span};
	});
}
