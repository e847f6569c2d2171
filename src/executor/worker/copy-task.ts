import {createReadStream} from 'node:fs';
import type {Json} from '../../core/canonical-json.ts';
import {unpackItems} from '../../core/packed-items.ts';
import {hostPath, normalizeRaw, rawOf} from '../../core/raw-path.ts';
import {decompress} from '../../host/decompress.ts';
import {applyLayer} from '../../rootfs/apply-layer.ts';
import {copyFacts} from '../../rootfs/copy-facts.ts';
import {copyLayer, type CopiedDirectory, type CopyPlanRequest} from '../../rootfs/copy-layer.ts';
import {parseChmod} from '../../rootfs/parse-chmod.ts';
import {lookupOwner} from '../../rootfs/user-names.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {isArchive} from './is-archive.ts';
import type {CopyTask} from './file-thread-protocol.ts';
import type {HostItem} from './protocol.ts';

/** A copy whose sources are unpacked. */
export interface OpenTask extends Omit<CopyTask, 'sources'> {
	readonly sources: readonly HostItem[];
}

export function openTask({sources: {places, ...packed}, ...task}: CopyTask): OpenTask {
	const items = unpackItems(packed);
	return {...task, sources: places.flatMap((place, at) => (items[at] === undefined ? [] : {...place, item: items[at]}))};
}

/** Builds the layer directory of a COPY or ADD, one source on top of the other. Where contents came from is told only when no archive was unpacked. */
export async function copyFiles(task: OpenTask): Promise<CopiedDirectory> {
	// Layers do not change between a selection and its copy: their files need not be compared with their digests.
	if (task.keepOwner) for (const {item} of task.sources) for (const entry of item.entries) entry.digest = undefined;
	const parts = await partition(task);
	// What takes several sources is a directory for each of them.
	const destination = parts.length > 1 ? `${task.destination}/` : task.destination;
	const {directory} = task;
	let made: CopiedDirectory = {index: [], contents: []};
	for (const {items, inline, archive} of parts) {
		const existing = made.index;
		made =
			archive === undefined
				? copyLayer({...requestOf({...task, destination, inline}, items), directory, existing, mapped: task.ids})
				: {index: await unpack(task, archive, existing), contents: []};
	}
	return parts.length === 1 ? made : {...made, contents: []};
}

/** Files keep the times of their archive. */
function unpack(task: OpenTask, archive: Buffer, existing: readonly TarEntry[]): Promise<TarEntry[]> {
	return applyLayer(decompress(createReadStream(archive, {highWaterMark: 1 << 20})), task.directory, {
		lower: task.link ? null : task.lower,
		mapped: task.ids,
		prefix: normalizeRaw(rawOf(task.destination)),
		prefixTime: task.mtime === 'keep' ? 0 : task.mtime,
		owner: ownerOf(task),
		existing,
	});
}

/** What of the stack decides the result: what stands at the destination, and whom names in --chown mean. */
export function factsOfCopy(task: OpenTask): Json {
	const request = requestOf(task, task.sources);
	if (task.link) return [null, request.owner === undefined ? null : [request.owner.uid, request.owner.gid]];
	return [copyFacts(request), request.owner === undefined ? null : [request.owner.uid, request.owner.gid]];
}

/** Sources that one call takes: an archive, or what stands between two of them. */
interface Part {
	readonly items: TreeItems;
	readonly inline: OpenTask['inline'];
	/** Path of the file on the host. */
	readonly archive?: Buffer;
}

type TreeItems = OpenTask['sources'];

/** What a copy of trees and inline files takes; undefined when a source is an archive that has to be unpacked. */
export async function plainRequest(task: OpenTask): Promise<CopyPlanRequest | undefined> {
	const [only, ...others] = await partition(task);
	if (only === undefined || only.archive !== undefined || others.length > 0) return undefined;
	return requestOf({...task, inline: only.inline}, only.items);
}

async function partition({sources, inline}: OpenTask): Promise<Part[]> {
	const parts: Part[] = [];
	let items: TreeItems = [];
	for (const source of sources) {
		const {entries} = source.item;
		const path = source.unpack && entries[0]?.type === 'file' ? hostPath(source.root, entries[0].source) : undefined;
		if (path === undefined || !(await isArchive(path))) items = [...items, source];
		else {
			if (items.length > 0) parts.push({items, inline: []});
			parts.push({items: [], inline: [], archive: path});
			items = [];
		}
	}
	return parts.length > 0 && items.length === 0 && inline.length === 0 ? parts : [...parts, {items, inline}];
}

function requestOf(task: OpenTask, items: OpenTask['sources']): CopyPlanRequest {
	const {lower, inline, destination, several, keepOwner, mtime} = task;
	return {
		lower: task.link ? null : lower,
		items,
		files: inline,
		destination,
		several,
		keepOwner,
		mtime,
		owner: ownerOf(task),
		...(task.chmod === undefined ? {} : {chmod: parseChmod(task.chmod)}),
	};
}

function ownerOf({chown, lower, emptyRoot}: OpenTask): CopyPlanRequest['owner'] {
	return chown === undefined ? undefined : lookupOwner(lower ?? emptyRoot, chown);
}
