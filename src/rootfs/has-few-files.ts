import {lstatSync, readdirSync} from 'node:fs';
import {joinRaw, type RawPath} from '../core/raw-path.ts';
import {TreePaths} from '../host/tree-paths.ts';

/** Whether a directory and all below hold at most so many names; stops looking when they are more. */
export function hasFewFiles(root: string, most: number): boolean {
	const paths = new TreePaths(root);
	const directories = ['' as RawPath];
	let count = 0;
	try {
		for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
			const parent = directory;
			// On a file system that tells no types `withFileTypes` takes no path of bytes (Node 20), so names come alone.
			const children = readdirSync(paths.at(directory), {encoding: 'latin1'}).map((name) => joinRaw(parent, name));
			count += children.length;
			if (count > most) return false;
			directories.push(...children.filter((child) => lstatSync(paths.at(child)).isDirectory()));
		}
		return true;
	} finally {
		paths.close();
	}
}
