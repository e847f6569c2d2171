import {mkdirSync} from 'node:fs';
import type {Standing} from './asked-steps.ts';
import type {ExecRequest} from './protocol.ts';
import type {Session} from './session.ts';
import {noMounts} from './step-mounts.ts';
import {stepSpecOf} from './step-spec-of.ts';

/** What belongs to a step from the moment it is asked for: the path of its directory, and the name of the layer it may make. */
export interface StepPlace {
	readonly directory: string;
	readonly held: number;
}

export function takePlace({directory, layers}: Session): StepPlace {
	return {directory: `${directory}/s${layers.fresh()}`, held: layers.fresh()};
}

/** A second call does nothing. */
export function makePlace({directory}: StepPlace): void {
	mkdirSync(directory, {recursive: true});
}

/**
 * Makes the directories and the program of a plain step while the one below runs, which is most of what starting it takes. They are used if the
 * step is started like this indeed: the one below changes something, but no account files.
 */
export function foreseeStep(session: Session, request: Omit<ExecRequest, 'stack'>, place: StepPlace, {stack, lowers}: Standing): void {
	const {driver, users, scaffold, runner, canMount, reply} = session;
	const {mounts = [], script, user} = request;
	const known = users.known(user, stack);
	if (!canMount || stack.host || known === undefined || script !== undefined || mounts.length > 0 || reply.limits.length > 0) return;
	makePlace(place);
	const root = driver.foresee?.({lowers: [...lowers, scaffold.lower], directory: place.directory});
	if (root === undefined) return;
	runner.foresee(stepSpecOf(session, {...request, stack}, {root, binds: scaffold.binds, user: known, mounts: noMounts, limits: {}}));
}
