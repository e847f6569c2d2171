import {readFileSync} from 'node:fs';
import type {Limits} from '../core/limits.ts';
import {errnoOf} from '../host/errno.ts';
import {controllersOf} from '../isolation/choose-forces.ts';
import {type BuildGroup, makeBuildGroup} from '../isolation/control-group.ts';
import {findHome, processFamily} from '../isolation/control-group-home.ts';
import {findControlGroup} from '../isolation/control-group-place.ts';
import type {LimitRequest} from './worker/protocol.ts';

export interface PreparedLimits {
	readonly found: Pick<LimitRequest, 'group' | 'facts'>;
	/** The caller removes it when the worker is gone. */
	readonly group?: BuildGroup;
}

/** Makes a control group for the build where one can be made, and says why not. `id`: 16 hexadecimal digits. */
export async function prepareLimits(limits: Limits, id: string): Promise<PreparedLimits> {
	const place = findControlGroup(readFileSync('/proc/self/mountinfo', 'utf8'), read('/proc/self/cgroup'));
	if (place === undefined) return {found: {facts: ['no version 2 hierarchy of control groups is mounted']}};
	const {home, facts} = findHome(place, controllersOf(limits), processFamily());
	if (home === undefined) return {found: {facts}};
	try {
		const group = await makeBuildGroup(home, id);
		return {found: {group: {directory: group.directory, controllers: home.controllers}, facts}, group};
	} catch (error) {
		return {found: {facts: [...facts, `no group can be made in ${home.directory} (${errnoOf(error) || String(error)})`]}};
	}
}

/** Kernels without control groups lack the file. */
function read(file: string): string {
	try {
		return readFileSync(file, 'utf8');
	} catch {
		return '';
	}
}
