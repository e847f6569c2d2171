import {chmodSync, chownSync} from 'node:fs';
import {ownerXattr} from '../core/owner-mark.ts';
import type {RawPath} from '../core/raw-path.ts';
import {setTimes} from '../host/file-calls.ts';
import {getXattr, listXattrs, removeXattr, setXattr} from '../host/xattr.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {mergedFiles, type MergedFile} from './merged-files.ts';

/** Gives the files of the tree that a step has changed the times and marks of owners that the layer made of it has (`null`: there was no change): the next step sees those. */
export function alignTree(directory: string, layer: string | null): void {
	const tree = new TreePaths(directory);
	const directories: MergedFile[] = [];
	try {
		for (const file of mergedFiles(layer === null ? [] : [layer])) {
			const {path, at, stat} = file;
			if (stat.type !== 'symlink') alignMark(at, tree.at(path));
			if (stat.type === 'directory') directories.push(file);
			else setTimes(tree.at(path), stat.mtime);
		}
		for (const {path, stat} of directories) setTimes(tree.at(path), stat.mtime);
		alignRoot(tree.at('' as RawPath));
	} finally {
		tree.close();
	}
}

/** The scan of the upperdir leaves no mark that somebody else than root can have made. */
function alignMark(layer: Buffer, tree: Buffer): void {
	const mark = getXattr(layer, ownerXattr);
	if (mark === getXattr(tree, ownerXattr)) return;
	if (mark === undefined) removeXattr(tree, ownerXattr);
	else setXattr(tree, ownerXattr, mark);
}

/** Of the root itself a layer says nothing. */
function alignRoot(root: Buffer): void {
	chownSync(root, 0, 0);
	chmodSync(root, 0o755);
	for (const name of listXattrs(root)) if (name.startsWith('user.')) removeXattr(root, name);
	setTimes(root, 0);
}
