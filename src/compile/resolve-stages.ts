import {badPlatform} from '../diagnostics/stage.ts';
import {emptyBase} from '../diagnostics/variable.ts';
import {flagNamed} from '../instructions/check-flags.ts';
import {expandArgument} from '../instructions/expand-argument.ts';
import type {LowerContext, StageState} from '../instructions/instruction.ts';
import type {Platform} from '../oci/image-config.ts';
import type {BoxfileReference} from '../plan/boxfile-reference.ts';
import {withPlatform} from '../plan/base-reference.ts';
import type {BaseReference} from '../plan/plan.ts';
import {parsePlatform} from '../plan/platform.ts';
import {findStage, type Reference} from './find-stage.ts';
import type {StageOutline} from './outline.ts';

/** A stage whose FROM is understood. */
export interface ResolvedStage extends StageOutline {
	readonly start:
		| {readonly kind: 'stage'; readonly stage: number}
		| {readonly kind: 'base'; readonly base: BaseReference}
		| {readonly kind: 'boxfile'; readonly reference: BoxfileReference}
		/** FROM has been reported. */
		| {readonly kind: 'unknown'};
	/** Only when FROM says it. */
	readonly platform?: Platform;
}

type StageContext = LowerContext & Pick<Reference, 'directory'> & {readonly platform: Platform; readonly machine: Platform};

/** Expands and looks up every FROM; what is wrong with it is reported. */
export function resolveStages(stages: readonly StageOutline[], globals: StageState, context: StageContext): readonly ResolvedStage[] {
	return stages.map((stage) => {
		const platform = resolvePlatform(stage, globals, context);
		const start = resolveBase(stage, stages, {globals, context});
		if (platform === 'reported') return {...stage, start: {kind: 'unknown'}};
		const own = platform === undefined ? {} : {platform};
		if (start.kind !== 'base') return {...stage, start, ...own};
		return {...stage, start: {...start, base: withPlatform(start.base, platform ?? context.platform, context.platform)}, ...own};
	});
}

function resolveBase(
	{base, index}: StageOutline,
	stages: readonly StageOutline[],
	{globals, context}: {readonly globals: StageState; readonly context: StageContext},
): ResolvedStage['start'] {
	const {source} = context;
	// A FROM without arguments is reported by the check of FROM.
	const text = base.text === '' ? undefined : expandArgument(base, globals, context);
	if (text === undefined) return {kind: 'unknown'};
	if (text === '') {
		context.report(emptyBase({source, span: base.span}, base.text));
		return {kind: 'unknown'};
	}
	const {contexts, directory} = context;
	const found = findStage({text, source, span: base.span, stage: index, use: 'from', contexts, directory}, stages, source);
	if (found.kind === 'stage' || found.kind === 'base' || found.kind === 'boxfile') return found;
	if (found.kind === 'problem') context.report(found.diagnostic);
	return {kind: 'unknown'};
}

function resolvePlatform({from}: StageOutline, globals: StageState, context: StageContext): Platform | undefined | 'reported' {
	const flag = flagNamed(from, 'platform');
	if (flag?.value === undefined) return undefined;
	const text = expandArgument({text: flag.value, span: flag.valueSpan}, globals, context);
	if (text === undefined) return 'reported';
	const platform = parsePlatform(text, context.machine);
	if (platform !== undefined) return platform;
	context.report(badPlatform({source: context.source, span: flag.valueSpan}, text));
	return 'reported';
}
