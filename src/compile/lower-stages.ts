import type {Source} from '../core/source.ts';
import type {LowerContext} from '../instructions/instruction.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import type {BaseName, Plan, Stage} from '../plan/plan.ts';
import type {StageBody} from './bodies.ts';
import {lowerStage, type Done, type Progress} from './lower-stage.ts';

export interface LowerOptions {
	readonly bodies: readonly StageBody[];
	readonly needed: ReadonlySet<number>;
	readonly target: number | undefined;
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	readonly platform: Platform;
	readonly labels: Readonly<Record<string, string>>;
	readonly source: Source;
	/** Everything but what `--from` means in a stage. */
	readonly context: Omit<LowerContext, 'copyFrom' | 'source'>;
}

/** Lowers the needed stages in file order; undefined when something is missing, which is then reported or a base to ask for. */
export function lowerStages(options: LowerOptions): Plan | undefined {
	const done = new Map<number, Done>();
	const progress: Progress = {options, steps: [], done};
	for (const body of options.bodies) {
		const {index} = body.stage;
		const result = options.needed.has(index) ? lowerStage(body, progress) : undefined;
		if (result !== undefined) done.set(index, result);
	}
	const target = options.target === undefined ? undefined : done.get(options.target)?.stage.index;
	if (target === undefined || done.size < options.needed.size) return undefined;
	const stages = [...done.values()].map(({stage}) => (stage.index === target ? withLabels(stage, options.labels) : stage));
	return {steps: progress.steps, stages, target};
}

function withLabels(stage: Stage, labels: Readonly<Record<string, string>>): Stage {
	if (Object.keys(labels).length === 0) return stage;
	return {...stage, config: {...stage.config, Labels: {...stage.config.Labels, ...labels}}};
}
