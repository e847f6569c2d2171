import {readdirSync, statSync, type Stats} from 'node:fs';
import {unlessMissing} from '../host/errno.ts';
import {isOriginRecord} from './blob-origins.ts';
import {readSealed} from './sealed-json.ts';
import {isStepRecord} from './step-cache.ts';

/** One file or layer of the store. */
export interface Surveyed {
	/** Digest of a layer or blob; the path of a record. */
	readonly name: string;
	readonly bytes: number;
	/** Milliseconds since 1970. */
	readonly lastUse: number;
}

export interface SurveyedLayer extends Surveyed {
	/** False for one that was never finished or is damaged. */
	readonly complete: boolean;
	readonly blob?: string;
}

export interface SurveyedRecord extends Surveyed {
	readonly isStep: boolean;
	/** Digests of layers and blobs that it names. */
	readonly needs: readonly string[];
	/** It tells only where a blob can be had that the store may lack. */
	readonly isOrigin?: true;
}

export interface Survey {
	readonly layers: readonly SurveyedLayer[];
	readonly blobs: readonly Surveyed[];
	readonly steps: readonly SurveyedRecord[];
	readonly memos: readonly SurveyedRecord[];
	/** Temporary files of writers, maybe still at work. */
	readonly temporaries: readonly Surveyed[];
	/** Directories that were renamed to be deleted. */
	readonly trash: readonly string[];
}

const hexName = /^[0-9a-f]{64}$/v;

/** Everything that is in the store, read once. */
export function surveyStore(store: string): Survey {
	const temporaries: Surveyed[] = [];
	const filesOf = (directory: string): Surveyed[] => {
		const files: Surveyed[] = [];
		for (const name of unlessMissing(() => readdirSync(directory)) ?? []) {
			const stats = statSync(`${directory}/${name}`, {throwIfNoEntry: false});
			if (stats === undefined || !stats.isFile()) continue;
			const file = {name, bytes: stats.size, lastUse: stats.mtimeMs};
			if (name.startsWith('.tmp-')) temporaries.push({...file, name: `${directory}/${name}`});
			else files.push(file);
		}
		return files;
	};
	const records = (directory: string): SurveyedRecord[] =>
		filesOf(directory).map((file) => ({...file, ...recordAt(`${directory}/${file.name}`, directory !== `${store}/memo`)}));
	const blobs = filesOf(`${store}/blobs/sha256`).flatMap((file) => (hexName.test(file.name) ? {...file, name: `sha256:${file.name}`} : []));
	const operations = readdirSync(`${store}/steps`).filter((name) => hexName.test(name));
	const steps = operations.flatMap((name) => records(`${store}/steps/${name}`));
	const memos = records(`${store}/memo`);
	filesOf(store);
	filesOf(`${store}/index`);
	filesOf(`${store}/run`);
	const names = readdirSync(`${store}/layers`);
	const layers = names
		.filter((name) => hexName.test(name))
		.map((name) => surveyLayer(store, name, () => filesOf(`${store}/layers/${name}`)));
	return {
		layers,
		blobs,
		steps,
		memos,
		temporaries,
		trash: names.filter((name) => name.startsWith('.trash-')).map((name) => `${store}/layers/${name}`),
	};
}

function surveyLayer(store: string, hex: string, look: () => unknown): SurveyedLayer {
	look();
	const home = `${store}/layers/${hex}`;
	const record = readSealed(`${home}/record.json`);
	const stats: Stats | undefined = statSync(`${home}/record.json`, {throwIfNoEntry: false}) ?? statSync(home, {throwIfNoEntry: false});
	const common = {name: `sha256:${hex}`, lastUse: stats?.mtimeMs ?? 0};
	if (record === undefined || record === null || typeof record !== 'object' || !('size' in record))
		return {...common, bytes: 0, complete: false};
	const {size, directory, blob} = record;
	const named = blob !== null && typeof blob === 'object' && 'digest' in blob && typeof blob.digest === 'string' ? {blob: blob.digest} : {};
	return {...common, bytes: directory === true && typeof size === 'number' ? size : 0, complete: true, ...named};
}

/** A record needs every digest in it, whatever its shape; a damaged one needs nothing. */
function recordAt(name: string, isStep: boolean): Pick<SurveyedRecord, 'name' | 'isStep' | 'needs' | 'isOrigin'> {
	const value = name.endsWith('.json') ? readSealed(name) : undefined;
	if (isStep) return {name, isStep, needs: isStepRecord(value) && value.diffId !== null ? [value.diffId] : []};
	const origin = isOriginRecord(value) ? ({isOrigin: true} as const) : {};
	return {name, isStep, ...origin, needs: value === undefined ? [] : [...new Set(JSON.stringify(value).match(/sha256:[0-9a-f]{64}/gv))]};
}
