import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import {joinRaw} from '../../src/core/raw-path.ts';
import type {RawPath} from '../../src/core/raw-path.ts';
import {fileStat} from '../../src/host/file-stat.ts';
import {TreePaths} from '../../src/host/tree-paths.ts';
import {entryOfFile} from '../../src/rootfs/entry-of-file.ts';
import {readXattrs} from '../../src/rootfs/layer-xattrs.ts';

/** One line per file of a tree: everything that a layer must keep, content and links included; sockets are left out. */
export function treeListing(root: string, options: {readonly times?: boolean} = {}): string[] {
	const lines: string[] = [];
	const inodes = new Map<string, RawPath>();
	const paths = new TreePaths(root);
	const walk = (directory: RawPath): void => {
		for (const name of readdirSync(paths.at(directory), {encoding: 'latin1'}).sort()) {
			const path = joinRaw(directory, name);
			const at = paths.at(path);
			const stat = fileStat(at);
			const entry = stat === undefined ? undefined : entryOfFile(path, at, stat, readXattrs(at), options.times === false ? 0 : stat.mtime);
			if (stat === undefined || entry === undefined) continue;
			const key = `${stat.device}:${stat.inode}`;
			const same = stat.type === 'directory' ? undefined : inodes.get(key);
			if (stat.nlink > 1) inodes.set(key, same ?? path);
			const content = entry.type === 'file' ? createHash('sha256').update(readFileSync(at)).digest('hex').slice(0, 16) : '';
			lines.push(JSON.stringify({...entry, content, same}));
			if (entry.type === 'directory') walk(path);
		}
	};
	walk('' as RawPath);
	paths.close();
	return lines;
}
