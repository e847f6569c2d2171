import type {Op, Plan, Step} from '../plan/plan.ts';
import {isNumericOwner} from '../rootfs/user-names.ts';
import type {BuildRequest} from './build-request.ts';

/**
 * Steps that a step of the plan stands on in such a way that their layers have to be directories: a command runs above them, files are taken from
 * them, or a copy looks up what is at its destination. The others end in images only, where a layer is a tar.
 */
export function stackedSteps({steps}: Plan): ReadonlySet<number> {
	const stacked = new Set<number>();
	/** The step and all below it. */
	const add = (id: number | undefined): void => {
		for (let step = steps[id ?? -1]; step !== undefined && !stacked.has(step.id); step = steps[belowOf(step) ?? -1]) stacked.add(step.id);
	};
	for (const step of steps) {
		if (looksBelow(step.op)) add(step.parent);
		for (const id of sourcesOf(step.op)) add(id);
	}
	return stacked;
}

function belowOf({op, parent}: Step): number | undefined {
	return op.kind === 'base' ? (op.base.kind === 'step' ? op.base.step : undefined) : parent;
}

function looksBelow(op: Op): boolean {
	switch (op.kind) {
		case 'exec':
		case 'make-directory':
			return true;
		case 'copy':
			return readsBelow(op);
		// Budgets compare indexes; a base and a configuration touch no files.
		case 'budgets':
		case 'base':
		case 'config':
			return false;
	}
}

/** An output of the files themselves, and a list of packages, read directories. */
export function wantsDirectories({outputs, attestations}: Pick<BuildRequest, 'outputs' | 'attestations'>): boolean {
	return attestations.sbom !== undefined || outputs.some(({type}) => type === 'tar' || type === 'local');
}

/** A linked copy looks only names of `chown` up in what is below. */
export function readsBelow({link, chown}: {readonly link?: boolean; readonly chown?: string}): boolean {
	return link !== true || (chown !== undefined && !isNumericOwner(chown));
}

/** Steps whose files are copied or mounted. */
function sourcesOf(op: Op): readonly number[] {
	if (op.kind === 'copy') return op.from.kind === 'step' ? [op.from.step] : [];
	if (op.kind !== 'exec') return [];
	return (op.mounts ?? []).flatMap((mount) => ('from' in mount && mount.from?.kind === 'step' ? [mount.from.step] : []));
}
