import {createReadStream} from 'node:fs';
import type {Json} from '../../core/canonical-json.ts';
import {hostPath, normalizeRaw, rawOf} from '../../core/raw-path.ts';
import type {TreeItem} from '../../core/tree-entry.ts';
import {decompress} from '../../host/decompress.ts';
import {applyLayer} from '../../rootfs/apply-layer.ts';
import {copyFacts} from '../../rootfs/copy-facts.ts';
import {copyLayer, type CopyRequest} from '../../rootfs/copy-layer.ts';
import {parseChmod} from '../../rootfs/parse-chmod.ts';
import {scanUpper} from '../../rootfs/scan-upper.ts';
import {lookupOwner} from '../../rootfs/user-names.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {isArchive} from './is-archive.ts';
import type {CopyTask} from './file-thread-protocol.ts';

/** Builds the layer directory of a COPY or ADD and returns its index. */
export async function copyFiles(task: CopyTask): Promise<TarEntry[]> {
	const {plain, archives} = await partition(task);
	if (archives.length === 0) return copyLayer({...requestOf(task, plain), directory: task.directory});
	if (plain.length > 0 || task.inline.length > 0) copyLayer({...requestOf(task, plain), directory: task.directory});
	for (const {root, item} of archives) {
		const stream = createReadStream(hostPath(root, item.entries[0]?.source ?? item.name), {highWaterMark: 1 << 20});
		await applyLayer(decompress(stream), task.directory, {
			lower: task.lower,
			mapped: task.ids,
			prefix: normalizeRaw(rawOf(task.destination)),
			prefixTime: task.mtime === 'keep' ? 0 : task.mtime,
		});
	}
	// Several sources in one directory: a scan gives the index of all of them together.
	return scanUpper(task.directory, {lower: task.lower, times: {kind: 'keep'}});
}

/** What of the stack decides the result: what stands at the destination, and whom names in --chown mean. */
export function factsOfCopy(task: CopyTask): Json {
	const request = requestOf(task, task.sources);
	return [copyFacts(request), request.owner === undefined ? null : [request.owner.uid, request.owner.gid]];
}

async function partition(task: CopyTask): Promise<{plain: CopyTask['sources']; archives: CopyTask['sources']}> {
	if (!task.unpack) return {plain: task.sources, archives: []};
	const plain: {root: string; item: TreeItem}[] = [];
	const archives: {root: string; item: TreeItem}[] = [];
	for (const source of task.sources) {
		const first = source.item.entries[0];
		const archive = first?.type === 'file' && (await isArchive(hostPath(source.root, first.source)));
		(archive ? archives : plain).push(source);
	}
	return {plain, archives};
}

function requestOf(task: CopyTask, items: CopyTask['sources']): Omit<CopyRequest, 'directory'> {
	const {lower, inline, destination, keepOwner, mtime, ids} = task;
	return {
		lower,
		items,
		files: inline,
		destination,
		keepOwner,
		mtime,
		mapped: ids,
		owner: task.chown === undefined ? undefined : ownerOf(task),
		...(task.chmod === undefined ? {} : {chmod: parseChmod(task.chmod)}),
	};
}

function ownerOf(task: CopyTask): {readonly uid: number; readonly gid: number} {
	return lookupOwner(task.lower ?? task.emptyRoot, task.chown ?? '');
}
