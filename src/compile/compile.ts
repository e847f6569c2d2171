import type {Source, Span} from '../core/source.ts';
import {hasErrors, type Diagnostic, type Outcome} from '../diagnostics/diagnostic.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {BaseName, BaseReference, Plan} from '../plan/plan.ts';
import type {StageBody} from './bodies.ts';
import {findTarget} from './find-target.ts';
import {lowerStages} from './lower-stages.ts';
import {missingInputs, neededStages, orderStages} from './needed-stages.ts';
import type {Unit} from './unit.ts';
import {Units} from './units.ts';
import {unusedBuildArgs} from './unused-build-args.ts';

export interface CompileOptions {
	readonly buildArgs: Readonly<Record<string, string>>;
	/** Stage name or number; absent: the last stage. */
	readonly target?: string;
	readonly platform: Platform;
	/** Of the machine that builds, for BUILDPLATFORM; absent: the same. */
	readonly buildPlatform?: Platform;
	/** Labels from the command line, set on the target stage. */
	readonly labels: Readonly<Record<string, string>>;
	/** Configurations of the bases that earlier rounds asked for. */
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	/** Texts of the Boxfiles that earlier rounds asked for. */
	readonly files?: ReadonlyMap<string, Source>;
	/** What other Boxfiles call this one: its path from the context directory, when it lies directly in that. */
	readonly file?: string;
	/** Those of the command line. */
	readonly contexts?: NamedContexts;
}

/** Either a plan, or what is needed first (then `plan` is absent): resolve it and compile again. */
export interface Compiled {
	readonly plan?: Plan;
	/** Bases whose configuration is needed. */
	readonly needs: readonly {readonly name: BaseName; readonly base: BaseReference; readonly source: Source; readonly span: Span}[];
	/** Other Boxfiles, as BoxfileReference names them. */
	readonly files: readonly {readonly file: string; readonly source: Source; readonly span: Span}[];
}

export type Compile = (source: Source, options: CompileOptions) => Outcome<Compiled>;

/** Boxfile text to plan. All problems of the file, and of those it names, come in one outcome; with an error there is no value. */
export const compile: Compile = (source, options) => {
	const found: Diagnostic[] = [];
	const report = (diagnostic: Diagnostic) => void found.push(diagnostic);
	const units = new Units(options, report);
	const main = units.openMain(source);
	return main === undefined ? {diagnostics: found} : compileUnits(main, units, {options, found, report});
};

interface Compilation {
	readonly options: CompileOptions;
	readonly found: readonly Diagnostic[];
	readonly report: (diagnostic: Diagnostic) => void;
}

function compileUnits(main: Unit, units: Units, {options, found, report}: Compilation): Outcome<Compiled> {
	const index = findTarget(options.target, main.stages, report);
	const target = index === undefined ? undefined : units.bodies(main)[index];
	const needed = neededStages(target, main, units);
	const order = orderStages(needed, {main, units, report});
	for (const body of units.all.flatMap((unit) => units.bodies(unit))) {
		if (needed.has(body)) for (const diagnostic of body.diagnostics) report(diagnostic);
		for (const {found: reference} of body.references) if (reference.kind === 'problem') report(reference.diagnostic);
	}
	const plan = lowerStages({...options, order, target, units});
	const missing = missingInputs(order, units, options.bases);
	if (missing.files.length === 0) for (const unused of unusedBuildArgs(units.all, options.buildArgs)) report(unused);
	const relevant = withoutUnneeded(found, units.all, needed);
	if (hasErrors(relevant)) return {diagnostics: relevant};
	const isWhole = plan !== undefined && missing.needs.length === 0 && missing.files.length === 0;
	return {value: {...(isWhole ? {plan} : {}), ...missing}, diagnostics: relevant};
}

/** Drops repeated diagnostics, and what this version does not build where a stage is not built anyway. */
function withoutUnneeded(found: readonly Diagnostic[], units: readonly Unit[], needed: ReadonlySet<StageBody>): readonly Diagnostic[] {
	const used = new Set([...needed].map(({stage}) => stage));
	const seen = new Set<string>();
	return found.filter(({code, primary, message}) => {
		const key = `${code}\0${primary?.source.name ?? ''}\0${primary?.span.start ?? ''}\0${message}`;
		if (seen.has(key)) return false;
		seen.add(key);
		if (primary === undefined || !code.startsWith('instruction/unsupported-')) return true;
		const unit = units.find(({source}) => source === primary.source);
		const stage = unit?.stages.findLast(({from}) => from.span.start <= primary.span.start);
		return stage === undefined || used.has(stage);
	});
}
