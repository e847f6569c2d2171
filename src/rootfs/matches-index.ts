import {readdirSync} from 'node:fs';
import {baseOf, parentOf} from '../core/raw-path.ts';
import type {RawPath} from '../core/raw-path.ts';
import {type FileStat, fileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {getXattr} from '../host/xattr.ts';
import type {TarEntry} from '../tar/entry.ts';
import {deletedBy, opaqueName} from '../tar/whiteout.ts';
import {isDeletionMark} from './deletion-mark.ts';
import {entryOfFile} from './entry-of-file.ts';
import {type IdMap, isMapped} from './id-map.ts';
import {readXattrs, sameXattrs} from './layer-xattrs.ts';

/** True when a layer directory has what its index says and nothing else: names, metadata, links and marks of deletions; contents by size only. */
export function matchesIndex(directory: string, index: readonly TarEntry[], mapped: IdMap): boolean {
	const paths = new TreePaths(directory);
	const names = new Map<RawPath, Set<string>>([['' as RawPath, new Set()]]);
	try {
		for (const entry of index) {
			if (baseOf(entry.path) === opaqueName) {
				if (getXattr(paths.at(parentOf(entry.path) ?? entry.path), 'user.overlay.opaque') !== 'y') return false;
				continue;
			}
			const deleted = deletedBy(entry.path);
			const path = deleted ?? entry.path;
			const stat = fileStat(paths.at(path));
			const isThere =
				stat !== undefined && (deleted === undefined ? isSame(entry, stat, paths, mapped) : isDeletionMark(paths.at(path), stat));
			// The kernel lets no namespace make devices: they are in the index alone.
			if (!isThere && (stat !== undefined || (entry.type !== 'char' && entry.type !== 'block'))) return false;
			if (isThere) names.get(parentOf(path) ?? path)?.add(baseOf(path));
			if (entry.type === 'directory') names.set(path, new Set());
		}
		for (const [path, expected] of names) {
			const found = readdirSync(paths.at(path), {encoding: 'latin1'});
			if (found.length !== expected.size || !found.every((name) => expected.has(name))) return false;
		}
		return true;
	} finally {
		paths.close();
	}
}

function isSame(entry: TarEntry, stat: FileStat, paths: TreePaths, mapped: IdMap): boolean {
	const at = paths.at(entry.path);
	if (entry.type === 'hardlink') {
		const target = fileStat(paths.at((entry.link ?? '') as RawPath));
		return target?.inode === stat.inode && target.device === stat.device;
	}
	const xattrs = readXattrs(at);
	const found = entryOfFile(entry.path, at, stat, xattrs, stat.mtime);
	if (found?.type !== entry.type || found.mode !== entry.mode || found.size !== entry.size || found.mtime !== entry.mtime) return false;
	if (found.link !== entry.link || !sameXattrs(found.xattrs, entry.xattrs)) return false;
	if (found.device?.major !== entry.device?.major || found.device?.minor !== entry.device?.minor) return false;
	// A layer of a build with more ids than this one: the kernel shows those that are not mapped as the overflow id.
	const isVisible = xattrs.owner !== undefined || isMapped(mapped, entry.uid, entry.gid);
	return !isVisible || (found.uid === entry.uid && found.gid === entry.gid);
}
