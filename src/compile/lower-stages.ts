import type {ImageConfig, Platform} from '../oci/image-config.ts';
import type {BaseName, Plan, Stage} from '../plan/plan.ts';
import type {StageBody} from './bodies.ts';
import {lowerStage, type Done, type Progress} from './lower-stage.ts';
import type {Units} from './units.ts';

export interface LowerOptions {
	/** What is needed, each stage behind those that it needs. */
	readonly order: readonly StageBody[];
	readonly target: StageBody | undefined;
	readonly units: Units;
	readonly bases: ReadonlyMap<BaseName, ImageConfig>;
	readonly platform: Platform;
	readonly labels: Readonly<Record<string, string>>;
}

/** Lowers the needed stages; undefined when something is missing, which is then reported or an input to ask for. */
export function lowerStages(options: LowerOptions): Plan | undefined {
	const done = new Map<StageBody, Done>();
	const progress: Progress = {options, steps: [], done};
	for (const body of options.order) {
		const result = lowerStage(body, progress);
		if (result !== undefined) done.set(body, result);
	}
	const target = options.target === undefined ? undefined : done.get(options.target)?.stage.index;
	if (target === undefined || done.size < options.order.length) return undefined;
	const stages = [...done.values()].map(({stage}) => (stage.index === target ? withLabels(stage, options.labels) : stage));
	return {steps: progress.steps, stages, target};
}

function withLabels(stage: Stage, labels: Readonly<Record<string, string>>): Stage {
	if (Object.keys(labels).length === 0) return stage;
	return {...stage, config: {...stage.config, Labels: {...stage.config.Labels, ...labels}}};
}
