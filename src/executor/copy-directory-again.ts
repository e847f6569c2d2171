import {mkdtempSync, statSync} from 'node:fs';
import {type PackedItems, shapeOf, unpackItems} from '../core/packed-items.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {FileContent} from '../rootfs/copy-layer.ts';
import type {IdMap} from '../rootfs/id-map.ts';
import {diffIdOf} from '../rootfs/layer-chunks.ts';
import {writePlannedDirectory} from '../rootfs/planned-directory.ts';
import {type CopiedLayer, nowhere} from '../store/copied-layers.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {Surroundings} from './copy-again.ts';
import type {PackedSources} from './worker/protocol.ts';

/** A layer whose directory is still to be published. */
export interface NewDirectory {
	readonly layer: CopiedLayer;
	readonly directory: string;
}

/**
 * Makes the layer directory of a copy from the index of an earlier one whose selection differs in contents of files only. Undefined when it differs
 * in more, or when this process cannot do it as the worker does: all files have to be root's, who is the builder, and readable to their owner.
 * Throws BuildError when a file has another content than it was selected with.
 */
export function copyDirectoryAgain(
	{store, directory}: Pick<Surroundings, 'store' | 'directory'>,
	before: CopiedLayer,
	sources: PackedSources,
): NewDirectory | undefined {
	if (shapeOf(sources) !== before.shape || !isOurs(store.layers.get(before.diffId)?.directory)) return undefined;
	const index = store.layers.readIndex(before.diffId);
	if (index === undefined || !index.every(isPlain)) return undefined;
	const roots = new Map(sources.places.map(({root}) => [root, new TreePaths(root)]));
	// As the worker's.
	const umask = process.umask(0o022);
	try {
		const layer = plannedAgain(index, before, {sources, roots});
		if (layer === undefined) return undefined;
		const target = mkdtempSync(`${directory}/c`);
		const own = {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0};
		const ownOnly: IdMap = {uids: [{first: own.uid, count: 1}], gids: [{first: own.gid, count: 1}]};
		writePlannedDirectory(target, {index: layer.index.map((entry) => ({...entry, ...own})), contents: layer.contents}, ownOnly);
		const {diffId, size} = diffIdOf(target, layer.index);
		store.layers.writeIndex(diffId, layer.index);
		return {layer: {...before, digests: sources.digests, diffId, size}, directory: target};
	} finally {
		process.umask(umask);
		for (const paths of roots.values()) paths.close();
	}
}

/** With these files instead. Undefined when the layer has others, too. */
function plannedAgain(
	before: readonly TarEntry[],
	{entries}: CopiedLayer,
	{sources, roots}: {readonly sources: PackedItems & Pick<PackedSources, 'places'>; readonly roots: ReadonlyMap<string, TreePaths>},
): {readonly index: TarEntry[]; readonly contents: (FileContent | undefined)[]} | undefined {
	const index = [...before];
	const contents: (FileContent | undefined)[] = [];
	let number = 0;
	for (const [at, item] of unpackItems(sources).entries()) {
		const root = roots.get(sources.places[at]?.root ?? '');
		for (const source of item.entries) {
			const position = entries[number++] ?? nowhere;
			const old = index[position];
			if (position === nowhere) continue;
			if (root === undefined || old?.type !== 'file') return undefined;
			contents[position] = {root, source};
			index[position] = {...old, size: source.size};
		}
	}
	return index.every(({type}, position) => type !== 'file' || contents[position] !== undefined) ? {index, contents} : undefined;
}

/** On the disk root's files belong to whoever unpacks layers. */
function isOurs(directory: string | undefined): boolean {
	const stat = directory === undefined ? undefined : statSync(directory, {throwIfNoEntry: false});
	return stat !== undefined && stat.uid === process.geteuid?.() && stat.gid === process.getegid?.();
}

function isPlain({uid, gid, mode, type, xattrs}: TarEntry): boolean {
	const needed = type === 'directory' ? 0o500 : 0o400;
	return uid === 0 && gid === 0 && (mode & needed) === needed && xattrs === undefined && type !== 'char' && type !== 'block';
}
