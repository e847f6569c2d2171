import {chmodSync, linkSync, mkdirSync} from 'node:fs';
import {errnoOf} from '../host/errno.ts';
import {setTimes} from '../host/file-calls.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {copyFile} from './copy-file.ts';
import {programXattrName} from './layer-xattrs.ts';
import {mergedFiles, type MergedFile} from './merged-files.ts';

/**
 * Makes one directory of a stack of layer directories (topmost first). `link`: its files are those of the layers, for reading only. `copy`: files of its
 * own, one for every name, so that a write through one of several names stays there as it does on an overlay.
 */
export function makeTree(layers: readonly string[], directory: string, how: 'link' | 'copy'): void {
	mkdirSync(directory, {recursive: true});
	chmodSync(directory, 0o755);
	const paths = new TreePaths(directory);
	const directories: MergedFile[] = [];
	try {
		for (const file of mergedFiles(layers)) {
			const {path, at, stat} = file;
			const to = paths.at(path);
			if (stat.type === 'directory') directories.push(file);
			else if (how === 'link' && linked(at, to)) continue;
			copyFile(at, to, stat, how === 'link' ? sameName : programXattrName);
		}
		// Making what they hold has changed their times.
		for (const {path, stat} of directories) setTimes(paths.at(path), stat.mtime);
	} finally {
		paths.close();
	}
	setTimes(Buffer.from(directory), 0);
}

/** In a linked tree xattrs have the names that they have in layer directories. */
function sameName(name: string): string | undefined {
	return /^user\.overlay\.(?!overlay\.)/v.test(name) ? undefined : name;
}

/** False when the file has as many names as it can have. */
function linked(from: Buffer, to: Buffer): boolean {
	try {
		linkSync(from, to);
		return true;
	} catch (error) {
		if (errnoOf(error) !== 'EMLINK') throw error;
		return false;
	}
}
