import type {Instruction} from '../language/ast.ts';
import {isPredefined} from '../instructions/predefined-args.ts';
import {baseConfig, type LintFacts, type LintStage} from './lint-facts.ts';

/** What an instruction can see. */
export interface Visible {
	readonly stage: LintStage;
	readonly instruction: Instruction;
	/** Names that ARG, ENV or the base set above it. */
	readonly names: ReadonlySet<string>;
	/** The base whose environment is not known, as FROM writes it. */
	readonly unknownBase?: string;
}

/** Every instruction of every stage with the variables it can see. */
export function visibleVariables(facts: LintFacts): readonly Visible[] {
	const ends: {readonly names: ReadonlySet<string>; readonly unknownBase?: string}[] = [];
	return facts.stages.flatMap((stage) => {
		const config = baseConfig(stage, facts);
		const above = stage.parent === undefined ? undefined : ends[stage.parent];
		const unknown = config === undefined && stage.base !== undefined ? {unknownBase: stage.base.text} : {};
		const begin = above ?? {names: new Set(['PATH', ...(config?.Env ?? []).map((entry) => entry.split('=', 1)[0] ?? '')]), ...unknown};
		let {names} = begin;
		const found = stage.instructions.map((instruction) => {
			const visible = {...begin, stage, instruction, names};
			names = new Set([...names, ...declaredNames(instruction)]);
			return visible;
		});
		ends.push({...begin, names});
		return found;
	});
}

/** The names that an ARG or an ENV sets. */
export function declaredNames({keyword, args}: Instruction): readonly string[] {
	if (keyword !== 'ARG' && keyword !== 'ENV') return [];
	if (args.form === 'old-pair') return [args.name.text];
	return args.form === 'pairs' ? args.pairs.map(({name}) => name.text) : [];
}

/** Names that may be unset without being a mistake. */
export function needsNoDeclaration(name: string): boolean {
	return isPredefined(name);
}
