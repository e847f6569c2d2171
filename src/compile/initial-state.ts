import {defaultPath, hasPath, hideArgs, namesOf} from '../instructions/environment.ts';
import type {StageState} from '../instructions/instruction.ts';
import type {ImageConfig, RunConfig} from '../oci/image-config.ts';
import {baseName} from '../plan/base-reference.ts';
import type {BaseName, BaseReference} from '../plan/plan.ts';

/** What an empty image has (BuildKit's emptyImage). */
export const emptyState: StageState = {config: {Env: [defaultPath], WorkingDir: '/'}, args: [], commandSet: false};

/** The state behind FROM of a base; undefined while its configuration is not known. */
export function stateOfBase(base: BaseReference, bases: ReadonlyMap<BaseName, ImageConfig>): StageState | undefined {
	if (base.kind === 'scratch' || base.kind === 'host') return emptyState;
	const image = bases.get(baseName(base));
	if (image === undefined) return undefined;
	const config = withoutTriggers(image.config ?? {});
	const complete = hasPath(config) ? config : {...config, Env: [...(config.Env ?? []), defaultPath]};
	return {config: complete, args: [], commandSet: false, ...(image.author === undefined ? {} : {author: image.author})};
}

/** The state behind FROM of a stage: its triggers have become instructions, its build arguments stay visible where no ENV has their name. */
export function inherited({config, args, author}: StageState): StageState {
	const visible = hideArgs(args, namesOf(config));
	return {config: withoutTriggers(config), args: visible, commandSet: false, ...(author === undefined ? {} : {author})};
}

function withoutTriggers(config: RunConfig): RunConfig {
	return Object.fromEntries(Object.entries(config).filter(([name]) => name !== 'OnBuild'));
}
