import {mkdirSync, readdirSync, utimesSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {type ChainId, type DiffId, hexOf, parseDigest, type StepKey} from '../core/digest.ts';
import type {LayerStore} from './layer-store.ts';
import {readSealed, writeSealed} from './sealed-json.ts';
import {inStore} from './store-error.ts';

/** What a step did on a parent: the layer it made, or null when it changed nothing; more members are the executor's. */
export interface StepRecord {
	readonly diffId: DiffId | null;
	/** When the command of a RUN started, milliseconds since 1970. The file's own time is the last use. */
	readonly ranAt?: number;
	readonly [member: string]: Json | undefined;
}

/** Results of steps under steps/OPKEY/PARENT.json. */
export interface StepCache {
	/** A damaged record, or one whose layer is gone, is a miss. A hit marks the record as used now. */
	get(operation: StepKey, parent: ChainId): StepRecord | undefined;
	put(operation: StepKey, parent: ChainId, record: StepRecord): void;
	/** True when the operation ran on some parent: then it can be a hit as soon as the parent is known. */
	hasAny(operation: StepKey): boolean;
}

export function makeStepCache(store: string, layers: LayerStore): StepCache {
	const directory = (operation: StepKey): string => `${store}/steps/${hexOf(operation)}`;
	return {
		get(operation, parent) {
			const path = `${directory(operation)}/${hexOf(parent)}.json`;
			const record = readSealed(path);
			if (!isStepRecord(record) || (record.diffId !== null && layers.get(record.diffId) === undefined)) return undefined;
			touch(path);
			return record;
		},
		put(operation, parent, record) {
			inStore(store, () => {
				mkdirSync(directory(operation), {recursive: true});
				writeSealed(`${directory(operation)}/${hexOf(parent)}.json`, record);
			});
		},
		hasAny(operation) {
			try {
				return readdirSync(directory(operation)).some((name) => name.endsWith('.json'));
			} catch {
				return false;
			}
		},
	};
}

/** Narrows a stored value; a null layer means that the step changed nothing. */
export function isStepRecord(value: Json | undefined): value is StepRecord {
	if (value === null || typeof value !== 'object' || !('diffId' in value)) return false;
	return value.diffId === null || (typeof value.diffId === 'string' && parseDigest(value.diffId) !== undefined);
}

/** Last use is the modification time; a store that cannot be written still gives hits. */
export function touch(path: string): void {
	try {
		const now = Date.now() / 1000;
		utimesSync(path, now, now);
	} catch {
		// Only the order of deletion depends on it.
	}
}
