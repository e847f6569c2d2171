import type {Source} from '../core/source.ts';
import type {LowerContext} from '../instructions/instruction.ts';
import {keywords} from '../instructions/registry.ts';
import type {Boxfile} from '../language/ast.ts';
import {parseBoxfile} from '../language/parse-boxfile.ts';
import {directoryOf} from '../plan/boxfile-reference.ts';
import {rules} from '../validation/registry.ts';
import type {CompileOptions} from './compile.ts';
import {lowerGlobals} from './global-args.ts';
import {outlineOf} from './outline.ts';
import {type ResolvedStage, resolveStages} from './resolve-stages.ts';

/** A Boxfile that takes part in a build: the one that is built, or one that FROM or `--from` names. */
export interface Unit {
	/** Its path as a BoxfileReference has it; absent: no other Boxfile can mean it. */
	readonly file?: string;
	readonly source: Source;
	readonly boxfile: Boxfile;
	/** Everything of lowering but what belongs to a single instruction. */
	readonly context: UnitContext;
	readonly stages: readonly ResolvedStage[];
}

export type UnitContext = Omit<LowerContext, 'copyFrom' | 'source'> & {
	/** Where relative paths of bases start, relative to the context directory of the build. */
	readonly directory: string;
};

export interface UnitPlace {
	readonly file?: string;
	/** True for the Boxfile of the command line: its files come from the context of the build, those of others from their own directory. */
	readonly isMain: boolean;
}

/** Reads a Boxfile and understands its FROMs; undefined when there is nothing in it. What is wrong is reported. */
export function openUnit(
	source: Source,
	{file, isMain}: UnitPlace,
	options: Pick<CompileOptions, 'buildArgs' | 'contexts' | 'platform' | 'buildPlatform' | 'target'> & Pick<LowerContext, 'report'>,
): Unit | undefined {
	const {report} = options;
	const parsed = parseBoxfile(source, keywords);
	const boxfile = parsed.value;
	for (const diagnostic of parsed.diagnostics) report(diagnostic);
	if (boxfile === undefined || boxfile.instructions.length === 0) return undefined;
	for (const diagnostic of rules.flatMap((rule) => rule.check(boxfile))) report(diagnostic);
	const outline = outlineOf(boxfile);
	const own = isMain || file === undefined ? {directory: '.'} : {directory: directoryOf(file), boxfile: file};
	const {globals, context: plain} = lowerGlobals(boxfile, outline.globals, {...options, targetName: isMain ? options.target : undefined});
	const buildContext = {kind: 'context', ...('boxfile' in own ? {boxfile: own.boxfile} : {})} as const;
	const context: UnitContext = {...plain, buildContext, directory: own.directory};
	const stages = resolveStages(outline.stages, globals, {
		...context,
		source,
		copyFrom: () => undefined,
		platform: options.platform,
		machine: options.buildPlatform ?? options.platform,
	});
	return {...(file === undefined ? {} : {file}), source, boxfile, context, stages};
}
