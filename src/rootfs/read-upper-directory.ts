import {readdirSync, unlinkSync} from 'node:fs';
import {joinRaw} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {fileStat, isWhiteoutDevice} from '../host/file-stat.ts';
import type {FileStat} from '../host/file-stat.ts';
import type {TreePaths} from '../host/tree-paths.ts';
import {getXattr} from '../host/xattr.ts';
import {whiteoutPrefix} from '../tar/whiteout.ts';
import {removeTree} from './remove-tree.ts';

export interface UpperFile {
	readonly path: RawPath;
	readonly at: Buffer;
	readonly stat: FileStat;
}

/** One directory of an upperdir, with the overlay's signs told apart from files. */
export interface UpperDirectory {
	/** By name, in byte order. */
	readonly files: ReadonlyMap<string, UpperFile>;
	/** Names that are marked as deleted. */
	readonly deleted: ReadonlySet<string>;
	/** Those of them that are marked by a device of that name. */
	readonly devices: ReadonlySet<string>;
	/** True when what the directory below holds is not shown. */
	readonly isOpaque: boolean;
	pathOf(name: string): RawPath;
}

const opaqueMarkers = new Set(['.wh..wh..opq', '.wh..opq']);
/** What no whiteout can delete. */
const unnamed = new Set(['', '.', '..']);
const opaqueXattrs = ['user.overlay.opaque', 'user.fuseoverlayfs.opaque', 'trusted.overlay.opaque'];
const whiteoutXattrs = ['user.overlay.whiteout', 'trusted.overlay.whiteout'];

/** Reads one directory of an upperdir; removes from it what is skipped and every sign that is no whiteout device. */
export function readUpperDirectory(upper: TreePaths, directory: RawPath, skip: ReadonlySet<RawPath> | undefined): UpperDirectory {
	const at = upper.at(directory);
	const mark = opaqueXattrs.map((name) => getXattr(at, name)).find((value) => value !== undefined);
	let isOpaque = mark === 'y';
	const files = new Map<string, UpperFile>();
	const deleted = new Set<string>();
	const devices = new Set<string>();
	for (const name of readdirSync(at, {encoding: 'latin1'}).sort()) {
		const path = joinRaw(directory, name);
		const here = upper.at(path);
		if (skip?.has(path) === true) removeTree(here);
		else if (name.startsWith(whiteoutPrefix)) {
			removeTree(here);
			if (opaqueMarkers.has(name)) isOpaque = true;
			else if (!unnamed.has(name.slice(whiteoutPrefix.length))) deleted.add(name.slice(whiteoutPrefix.length));
		} else {
			const stat = fileStat(here);
			if (stat === undefined) continue;
			if (isWhiteoutDevice(stat)) {
				deleted.add(name);
				devices.add(name);
			} else if (
				mark === 'x' &&
				stat.type === 'file' &&
				stat.size === 0 &&
				whiteoutXattrs.some((xattr) => getXattr(here, xattr) !== undefined)
			) {
				unlinkSync(here);
				deleted.add(name);
			} else files.set(name, {path, at: here, stat});
		}
	}
	return {
		files,
		deleted,
		devices,
		isOpaque,
		pathOf: (name) => joinRaw(directory, name),
	};
}
