import {setTimes} from '../host/file-calls.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {mergedFiles, type MergedFile} from './merged-files.ts';

/** Gives the files of the tree that a step has changed the times that the layer made of it says: the next step sees those. */
export function alignTree(directory: string, layer: string): void {
	const tree = new TreePaths(directory);
	const directories: MergedFile[] = [];
	try {
		for (const file of mergedFiles([layer])) {
			const {path, stat} = file;
			if (stat.type === 'directory') directories.push(file);
			else setTimes(tree.at(path), stat.mtime);
		}
		for (const {path, stat} of directories) setTimes(tree.at(path), stat.mtime);
	} finally {
		tree.close();
	}
}
