import type {Label} from '../diagnostics/diagnostic.ts';
import {argumentList} from '../instructions/check-arguments.ts';
import type {Argument, Boxfile, Instruction} from '../language/ast.ts';
import {flagNamed} from '../instructions/check-flags.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import {baseName, parseBaseReference, withPlatform} from '../plan/base-reference.ts';
import {parsePlatform} from '../plan/platform.ts';
import type {BaseName} from '../plan/plan.ts';

/** What is known besides the file. */
export interface LintOptions {
	readonly buildArgs: Readonly<Record<string, string>>;
	/** That is built for. */
	readonly platform: Platform;
	/** Configurations of those bases that could be resolved. */
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	/** The line of the ignore file that leaves a path and everything below it out of the context. */
	readonly ignoredBy?: (path: string) => Label | undefined;
}

export interface LintStage {
	readonly index: number;
	readonly from: Instruction;
	/** Absent when FROM has no arguments. */
	readonly base?: Argument;
	readonly as?: Argument;
	readonly name?: Argument;
	/** Everything after FROM. */
	readonly instructions: readonly Instruction[];
	/** The stage above that FROM names. */
	readonly parent?: number;
}

export interface LintFacts extends LintOptions {
	/** The ARGs before the first FROM. */
	readonly globals: readonly Instruction[];
	readonly stages: readonly LintStage[];
}

/** What several rules ask of a file. */
export function lintFacts({instructions}: Boxfile, options: LintOptions): LintFacts {
	const starts = instructions.flatMap(({keyword}, position) => (keyword === 'FROM' ? [position] : []));
	const globals = instructions.slice(0, starts[0] ?? instructions.length).filter(({keyword}) => keyword === 'ARG');
	const stages: LintStage[] = [];
	for (const [index, start] of starts.entries()) {
		const from = instructions[start];
		if (from === undefined) continue;
		const [base, as, name] = argumentList(from.args);
		const parent = base === undefined ? undefined : stageNamed(base.text, stages);
		stages.push({
			index,
			from,
			...(base === undefined ? {} : {base}),
			...(as === undefined ? {} : {as}),
			...(name === undefined ? {} : {name}),
			...(parent === undefined ? {} : {parent}),
			instructions: instructions.slice(start + 1, starts[index + 1]),
		});
	}
	return {...options, globals, stages};
}

/** The number of the last stage with this name among the given ones. */
export function stageNamed(text: string, stages: readonly LintStage[]): number | undefined {
	return stages.findLast(({name}) => name?.text.toLowerCase() === text.toLowerCase())?.index;
}

/** The image a stage starts from and the platform it is wanted for; undefined where there is none or it is not known. */
export function baseImage(
	{base, from}: LintStage,
	{bases, platform}: LintFacts,
): {readonly image: ImageConfig; readonly wanted: Platform} | undefined {
	const flag = flagNamed(from, 'platform')?.value;
	const wanted = flag === undefined ? platform : parsePlatform(flag);
	if (base === undefined || base.text.includes('$') || wanted === undefined) return undefined;
	const reference = parseBaseReference(base.text);
	if (reference.kind === 'bad') return undefined;
	const image = bases.get(baseName(withPlatform(reference, wanted, platform)));
	return image === undefined ? undefined : {image, wanted};
}

/** The configuration of the base a stage starts from: `{}` where there is none, undefined when it is not known. */
export function baseConfig(stage: LintStage, facts: LintFacts): NonNullable<ImageConfig['config']> | undefined {
	if (stage.base?.text === 'scratch' || stage.base?.text === 'host') return {};
	const found = baseImage(stage, facts);
	return found === undefined ? undefined : (found.image.config ?? {});
}
