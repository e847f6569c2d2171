import {setTimes} from '../host/file-calls.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {getXattr, setXattr} from '../host/xattr.ts';
import {ownerXattr} from './id-map.ts';
import {mergedFiles, type MergedFile} from './merged-files.ts';

/** Gives the files of the tree that a step has changed the times and noted owners that the layer made of it says: the next step sees those. */
export function alignTree(directory: string, layer: string): void {
	const tree = new TreePaths(directory);
	const directories: MergedFile[] = [];
	try {
		for (const file of mergedFiles([layer])) {
			const {path, at, stat} = file;
			const own = tree.at(path);
			const owner = stat.type === 'symlink' ? undefined : getXattr(at, ownerXattr);
			if (owner !== undefined && getXattr(own, ownerXattr) !== owner) setXattr(own, ownerXattr, owner);
			if (stat.type === 'directory') directories.push(file);
			else setTimes(own, stat.mtime);
		}
		for (const {path, stat} of directories) setTimes(tree.at(path), stat.mtime);
	} finally {
		tree.close();
	}
}
