import {readdirSync} from 'node:fs';
import {joinRaw, type RawPath} from '../core/raw-path.ts';
import {type FileStat, fileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {getXattr} from '../host/xattr.ts';
import {isDeletionMark} from './deletion-mark.ts';

/** A file that a stack of layer directories shows. */
export interface MergedFile {
	readonly path: RawPath;
	/** In the topmost layer that has it. */
	readonly at: Buffer;
	readonly stat: FileStat;
}

/** What one name means: `layers` are those whose directories of that name are merged. */
interface Found extends MergedFile {
	readonly layers: TreePaths[];
	/** Layers further below say nothing more. */
	isClosed: boolean;
}

/** What an overlay of these layer directories (topmost first) would show, without mounting one: parents first, siblings in byte order, not the root. */
export function* mergedFiles(layers: readonly string[]): Generator<MergedFile> {
	const open = layers.map((layer) => new TreePaths(layer));
	try {
		yield* walk('' as RawPath, open);
	} finally {
		for (const paths of open) paths.close();
	}
}

function* walk(directory: RawPath, layers: readonly TreePaths[]): Generator<MergedFile> {
	const found = merge(directory, layers);
	for (const name of [...found.keys()].sort()) {
		const file = found.get(name);
		if (file === undefined) continue;
		yield file;
		if (file.stat.type === 'directory') yield* walk(file.path, file.layers);
	}
}

function merge(directory: RawPath, layers: readonly TreePaths[]): ReadonlyMap<string, Found> {
	const found = new Map<string, Found>();
	const deleted = new Set<string>();
	for (const layer of layers) {
		for (const name of readdirSync(layer.at(directory), {encoding: 'latin1'})) {
			const known = found.get(name);
			if (deleted.has(name) || known?.isClosed === true) continue;
			const path = joinRaw(directory, name);
			const at = layer.at(path);
			const stat = fileStat(at);
			if (stat === undefined) continue;
			if (isDeletionMark(at, stat)) {
				if (known === undefined) deleted.add(name);
				else known.isClosed = true;
			} else if (stat.type !== 'directory') {
				if (known === undefined) found.set(name, {path, at, stat, layers: [], isClosed: true});
				else known.isClosed = true;
			} else {
				const entry = known ?? {path, at, stat, layers: [], isClosed: false};
				entry.layers.push(layer);
				entry.isClosed = getXattr(at, 'user.overlay.opaque') === 'y';
				found.set(name, entry);
			}
		}
	}
	return found;
}
