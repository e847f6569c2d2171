import type {RawPath} from '../core/raw-path.ts';
import type {TarEntry} from '../tar/entry.ts';
import {deletedBy, opaqueName} from '../tar/whiteout.ts';

/** Every entry of the merged file system by path, from the indexes of its layers, bottom first. */
export function mergeIndexes(indexes: Iterable<readonly TarEntry[]>): Map<RawPath, TarEntry> {
	const files = new Map<RawPath, TarEntry>();
	for (const index of indexes) applyIndex(files, index);
	return files;
}

/** Deletions count for what is below, so they come before the layer's own entries. */
function applyIndex(files: Map<RawPath, TarEntry>, entries: readonly TarEntry[]): void {
	const removed: RawPath[] = [];
	for (const {path} of entries) {
		const target = deletedBy(path);
		if (target !== undefined) removed.push(target);
	}
	for (const {path, type} of entries) if (type !== 'directory' && files.get(path)?.type === 'directory') removed.push(path);
	for (const path of removed) removeBelow(files, path, true);
	for (const {path} of entries)
		if (path === opaqueName || path.endsWith(`/${opaqueName}`)) removeBelow(files, path.slice(0, -opaqueName.length - 1) as RawPath, false);
	for (const entry of entries) {
		if (deletedBy(entry.path) === undefined && !entry.path.endsWith(opaqueName)) files.set(entry.path, entry);
	}
}

function removeBelow(files: Map<RawPath, TarEntry>, directory: RawPath, itself: boolean): void {
	const type = files.get(directory)?.type;
	if (itself) files.delete(directory);
	// A layer of others may leave out an entry for a directory, so only what is known to be something else has nothing below it.
	if (type !== undefined && type !== 'directory') return;
	const prefix = directory === '' ? '' : `${directory}/`;
	for (const path of files.keys()) if (path.startsWith(prefix)) files.delete(path);
}
