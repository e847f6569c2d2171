import {readdirSync} from 'node:fs';
import {compareRaw, joinRaw, type RawPath} from '../core/raw-path.ts';
import {fileStat} from '../host/file-stat.ts';
import {TreePaths} from '../host/tree-paths.ts';
import type {TarEntry} from '../tar/entry.ts';
import {entryOfFile} from './entry-of-file.ts';
import {hardLinkEntry} from './hard-link.ts';
import {readXattrs} from './layer-xattrs.ts';

/** Every file of a directory as entries of one archive: parents before children, siblings in byte order, the root itself left out. */
export function* walkTree(root: string): Generator<TarEntry> {
	const paths = new TreePaths(root);
	try {
		yield* walkDirectory(paths, '' as RawPath, new Map());
	} finally {
		paths.close();
	}
}

/** `seen` maps inodes with several names to the first of them. */
function* walkDirectory(paths: TreePaths, directory: RawPath, seen: Map<string, RawPath>): Generator<TarEntry> {
	const names = readdirSync(paths.at(directory), {encoding: 'latin1'}).sort(compareRaw);
	for (const name of names) {
		const path = joinRaw(directory, name);
		const at = paths.at(path);
		const stat = fileStat(at);
		if (stat === undefined) continue;
		const entry = entryOfFile(path, at, stat, readXattrs(at), stat.mtime);
		if (entry === undefined) continue;
		const inode = `${stat.device}:${stat.inode}`;
		const first = stat.type === 'directory' || stat.nlink < 2 ? undefined : seen.get(inode);
		if (stat.type !== 'directory' && stat.nlink > 1 && first === undefined) seen.set(inode, path);
		yield first === undefined ? entry : hardLinkEntry(entry, path, first);
		if (stat.type === 'directory') yield* walkDirectory(paths, path, seen);
	}
}
