import {randomBytes} from 'node:crypto';
import {renameSync, rmSync, unlinkSync} from 'node:fs';
import {unlessMissing} from '../host/errno.ts';
import {inspectLiveBuilds} from './live-builds.ts';
import type {Store} from './open-store.ts';
import {planPrune, type PruneOptions, type PrunePlan} from './plan-prune.ts';
import {reachableFromNames} from './reachable.ts';
import {inStore} from './store-error.ts';
import {surveyStore} from './survey.ts';
import {takeUnusedCaches} from './unused-caches.ts';

export interface Pruned {
	/** Layers, blobs and records that are gone. */
	readonly layers: number;
	readonly blobs: number;
	readonly steps: number;
	/** Directories of cache mounts. */
	readonly caches: number;
	/** Bytes that were freed, as far as the store knows (layers by the size of their tar). */
	readonly bytes: number;
}

/** Directory trees with files of any owner: what is done with them is done in the namespace. */
export interface TreeWork {
	remove(path: string): Promise<void>;
	/** Bytes of its files. */
	measure(path: string): Promise<number>;
}

/**
 * Deletes what no tag and no live build needs, as far as the options ask for it, caches of mounts too, and all left-overs. Names go first, in one short critical
 * section that keeps builds from starting; the directories, already out of reach, are deleted after it.
 */
export async function prune(store: Store, options: PruneOptions, trees: TreeWork): Promise<Pruned> {
	const {waitForLock} = await import('../host/lock.ts');
	const {directory} = store;
	const gate = await waitForLock(`${directory}/run/.lock`);
	let plan: PrunePlan;
	let trash: string[];
	let caches: readonly string[];
	try {
		const live = await inspectLiveBuilds(directory);
		const survey = surveyStore(directory);
		plan = planPrune(survey, {inUse: reachableFromNames(store), pins: live.pins, liveSince: live.since}, options);
		trash = [...live.stale, ...survey.trash, ...inStore(directory, () => unlinkAll(directory, plan))];
		caches = inStore(directory, () => takeUnusedCaches(directory, options));
	} finally {
		gate.release();
	}
	let bytes = plan.bytes;
	for (const path of caches) bytes += await trees.measure(path);
	for (const path of [...trash, ...caches]) await trees.remove(path);
	return {layers: plan.layers.length, blobs: plan.blobs.length, steps: plan.steps.length, caches: caches.length, bytes};
}

/** Removes records before what they point to; returns the layer directories, renamed. */
function unlinkAll(directory: string, plan: PrunePlan): string[] {
	for (const path of [...plan.steps, ...plan.memos, ...plan.temporaries]) unlessMissing(() => unlinkSync(path));
	const trash = plan.layers.flatMap((hex) => moveLayerAside(directory, hex));
	for (const hex of plan.blobs) rmSync(`${directory}/blobs/sha256/${hex}`, {force: true});
	return trash;
}

/** Takes a layer out of the store at once; the path of its directory, which is to be deleted, when it had one. */
export function moveLayerAside(directory: string, hex: string): readonly string[] {
	const home = `${directory}/layers/${hex}`;
	rmSync(`${home}/record.json`, {force: true});
	rmSync(`${directory}/index/${hex}.jsonl`, {force: true});
	const aside = `${directory}/layers/.trash-${randomBytes(8).toString('hex')}`;
	return (
		unlessMissing(() => {
			renameSync(home, aside);
			return [aside];
		}) ?? []
	);
}

export interface Usage {
	readonly layers: {readonly count: number; readonly bytes: number};
	readonly blobs: {readonly count: number; readonly bytes: number};
	readonly steps: number;
	/** What `prune` with `all` would free now. */
	readonly reclaimable: number;
}

/** What the store holds; layers count with the size of their tar. */
export async function usage(store: Store): Promise<Usage> {
	const survey = surveyStore(store.directory);
	const sum = (items: readonly {readonly bytes: number}[]): number => items.reduce((total, {bytes}) => total + bytes, 0);
	const plan = planPrune(survey, {inUse: reachableFromNames(store), pins: new Set(), liveSince: Infinity}, {all: true});
	return {
		layers: {count: survey.layers.length, bytes: sum(survey.layers)},
		blobs: {count: survey.blobs.length, bytes: sum(survey.blobs)},
		steps: survey.steps.length,
		reclaimable: plan.bytes,
	};
}
