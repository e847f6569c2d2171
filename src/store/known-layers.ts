import {existsSync, statSync} from 'node:fs';
import type {Json} from '../core/canonical-json.ts';
import {type Digest, type DiffId, hexOf} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {readBootId} from './boot-id.ts';
import {layerHome, type StoredLayer} from './layer-store.ts';
import type {Store} from './open-store.ts';

/** A layer of an image and the blob that its manifest names, when the image needs it. */
export interface ImageLayer {
	readonly diffId: DiffId;
	readonly blob?: Descriptor;
}

/** Who looks. */
export interface Observer {
	readonly bootId: string;
	/** When the process began to look at the store, milliseconds since 1970. */
	readonly since: number;
}

/** How a directory looks: it is another one, or something in it has come, gone or been replaced, when it looks otherwise. */
type Look = readonly [inode: number, changed: number];

/** How the home of a layer looks, the size of its tar, whether the image needs the blob, and whether the record names it. */
type Finding = readonly [...Look, size: number, needsBlob: boolean, namesBlob: boolean];

interface Noted {
	readonly bootId: string;
	/** Of all homes. */
	readonly homes: Look;
	readonly layers: readonly Finding[];
}

/** Fewer are found out one by one as fast. */
const fewLayers = 8;
const unknown: Look = [0, 0];

/** Digests that a record of the memo names are kept from being pruned as those of nothing: the image itself does not depend on this one. */
const keyOf = (image: Digest): Json => ({kind: 'layers', version: 1, image: hexOf(image)});

/**
 * Notes that all layers of an image are in the store as directories, with the blobs that it needs, so that the next build of this boot need not read
 * the record of each. Nothing is noted when something is missing, or has changed since this process runs: then what it has seen may be older.
 */
export function noteLayers(store: Store, image: Digest, layers: readonly ImageLayer[], observer = here()): void {
	if (layers.length < fewLayers) return;
	const homes = lookAt(homesOf(store));
	const found: Finding[] = [];
	for (const layer of layers) {
		const finding = find(store, layer, observer);
		if (finding === undefined) return;
		found.push(finding);
	}
	const noted: Noted = {bootId: observer.bootId, homes: isSettled(homes, observer) ? homes : unknown, layers: found};
	store.memo.offer(keyOf(image), noted as unknown as Json);
}

/**
 * The layers of an image that are there as they were noted, each with its blob when the image needs it; undefined when they were not noted, or when
 * any of them looks otherwise. The build's store knows them then.
 */
export function recallLayers(
	store: Store,
	image: Digest,
	layers: readonly ImageLayer[],
	observer = here(),
): readonly ImageLayer[] | undefined {
	if (layers.length < fewLayers) return undefined;
	const noted = store.memo.get(keyOf(image)) as unknown as Noted | undefined;
	if (noted === undefined || noted.bootId !== observer.bootId || noted.layers.length !== layers.length) return undefined;
	const homes = lookAt(homesOf(store));
	// No layer has come or gone; asking whether something is there takes half as long as looking at it.
	const isSame = isAlike(homes, noted.homes);
	const known: StoredLayer[] = [];
	const needed: ImageLayer[] = [];
	for (const [at, {diffId, blob}] of layers.entries()) {
		const [inode = 0, changed = 0, size = 0, needsBlob, namesBlob] = noted.layers[at] ?? [];
		const home = layerHome(store.directory, diffId);
		const directory = `${home}/fs`;
		if (!(isSame ? existsSync(directory) : isAlike(lookAt(home), [inode, changed]))) return undefined;
		if (needsBlob === true && (blob === undefined || !store.blobs.has(blob))) return undefined;
		known.push({diffId, size, directory, verified: true, ...(namesBlob === true && blob !== undefined ? {blob} : {})});
		needed.push(needsBlob === true && blob !== undefined ? {diffId, blob} : {diffId});
	}
	if (!isSame && isSettled(homes, observer)) store.memo.offer(keyOf(image), {...noted, homes} as unknown as Json);
	for (const layer of known) store.layers.assume(layer);
	return needed;
}

function here(): Observer {
	return {bootId: readBootId(), since: performance.timeOrigin};
}

function find(store: Store, {diffId, blob}: ImageLayer, observer: Observer): Finding | undefined {
	const look = lookAt(layerHome(store.directory, diffId));
	const stored = store.layers.get(diffId);
	if (stored?.directory === undefined || !stored.verified || !isSettled(look, observer)) return undefined;
	if (blob !== undefined && !store.blobs.has(blob)) return undefined;
	// Two blobs of one layer are too much to note.
	if (stored.blob !== undefined && !isSameBlob(stored.blob, blob)) return undefined;
	return [...look, stored.size, blob !== undefined, stored.blob !== undefined];
}

function homesOf({directory}: Store): string {
	return `${directory}/layers`;
}

function lookAt(directory: string): Look {
	const stats = statSync(directory, {throwIfNoEntry: false});
	return stats === undefined ? unknown : [stats.ino, stats.ctimeMs];
}

function isAlike(one: Look, other: Look): boolean {
	return one !== unknown && one[0] === other[0] && one[1] === other[1];
}

function isSameBlob(one: Descriptor, other: Descriptor | undefined): boolean {
	return one.digest === other?.digest && one.size === other.size && one.mediaType === other.mediaType;
}

/** A change could leave the same time as long as the clock of the file system has not moved on. */
function isSettled([, changed]: Look, {since}: Observer): boolean {
	return changed < since - (changed % 1000 === 0 ? 2000 : 50);
}
