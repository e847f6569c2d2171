import type {Source} from '../core/source.ts';
import {hasErrors, type Diagnostic, type Outcome} from '../diagnostics/diagnostic.ts';
import {keywords} from '../instructions/registry.ts';
import type {Boxfile} from '../language/ast.ts';
import {parseBoxfile} from '../language/parse-boxfile.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {BaseName, BaseReference, Plan} from '../plan/plan.ts';
import {rules} from '../validation/registry.ts';
import {bodiesOf} from './bodies.ts';
import {lowerStages} from './lower-stages.ts';
import {missingBases, neededStages} from './needed-stages.ts';
import {outlineOf, type StageOutline} from './outline.ts';
import {resolveStages} from './resolve-stages.ts';
import {lowerGlobals} from './global-args.ts';
import {findTarget} from './find-target.ts';
import {unusedBuildArgs} from './unused-build-args.ts';

export interface CompileOptions {
	readonly buildArgs: Readonly<Record<string, string>>;
	/** Stage name or number; absent: the last stage. */
	readonly target?: string;
	readonly platform: Platform;
	/** Labels from the command line, set on the target stage. */
	readonly labels: Readonly<Record<string, string>>;
	/** Configurations of the bases that earlier rounds asked for. */
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	/** Those of the command line. */
	readonly contexts?: NamedContexts;
}

/** Either a plan, or the bases whose configuration is needed first (then `plan` is absent): resolve them and compile again. */
export interface Compiled {
	readonly plan?: Plan;
	readonly needs: readonly {
		readonly name: BaseName;
		readonly base: BaseReference;
		readonly source: Source;
		readonly span: {readonly start: number; readonly end: number};
	}[];
}

export type Compile = (source: Source, options: CompileOptions) => Outcome<Compiled>;

/** Boxfile text to plan. All problems of the file come in one outcome; with an error there is no value. */
export const compile: Compile = (source, options) => {
	const parsed = parseBoxfile(source, keywords);
	const boxfile = parsed.value;
	if (boxfile === undefined || boxfile.instructions.length === 0) return {diagnostics: parsed.diagnostics};
	const found = [...parsed.diagnostics, ...rules.flatMap((rule) => rule.check(boxfile))];
	return compileStages(boxfile, options, found);
};

function compileStages(boxfile: Boxfile, options: CompileOptions, found: Diagnostic[]): Outcome<Compiled> {
	const {source} = boxfile;
	const outline = outlineOf(boxfile);
	const report = (diagnostic: Diagnostic) => void found.push(diagnostic);
	const target = findTarget(options.target, outline.stages, report);
	found.push(...unusedBuildArgs(boxfile, options.buildArgs));
	const {globals, context} = lowerGlobals(boxfile, outline.globals, {...options, targetName: options.target, report});
	const stages = resolveStages(outline.stages, globals, {...context, source, copyFrom: () => undefined});
	const bodies = bodiesOf(stages, {source, bases: options.bases, contexts: context.contexts});
	const needed = neededStages(target, bodies);
	for (const {stage, copies, diagnostics} of bodies) {
		if (needed.has(stage.index)) found.push(...diagnostics);
		for (const {found: reference} of copies) if (reference.kind === 'problem') found.push(reference.diagnostic);
	}
	const plan = lowerStages({...options, bodies, needed, target, source, context});
	const relevant = withoutUnneeded(found, outline.stages, needed, source);
	if (hasErrors(relevant)) return {diagnostics: relevant};
	const needs = missingBases(needed, bodies, {source, bases: options.bases});
	return {value: plan === undefined || needs.length > 0 ? {needs} : {plan, needs}, diagnostics: relevant};
}

/** Drops repeated diagnostics, and what this version does not build where a stage is not built anyway. */
function withoutUnneeded(
	found: readonly Diagnostic[],
	stages: readonly StageOutline[],
	needed: ReadonlySet<number>,
	source: Source,
): readonly Diagnostic[] {
	const seen = new Set<string>();
	return found.filter(({code, primary, message}) => {
		const key = `${code}\0${primary?.source.name ?? ''}\0${primary?.span.start ?? ''}\0${message}`;
		if (seen.has(key)) return false;
		seen.add(key);
		if (primary === undefined || primary.source !== source || !code.startsWith('instruction/unsupported-')) return true;
		const stage = stages.findLast(({from}) => from.span.start <= primary.span.start);
		return stage === undefined || needed.has(stage.index);
	});
}
