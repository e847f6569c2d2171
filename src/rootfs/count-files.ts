import {lstatSync, readdirSync} from 'node:fs';
import {joinRaw, type RawPath} from '../core/raw-path.ts';
import {TreePaths} from '../host/tree-paths.ts';

/** How many names a directory and all below hold; Infinity for more than `most`, of which no more are looked at. */
export function countFiles(root: string, most: number): number {
	const paths = new TreePaths(root);
	const directories = ['' as RawPath];
	let count = 0;
	try {
		for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
			const parent = directory;
			// On a file system that tells no types `withFileTypes` takes no path of bytes (Node 20), so names come alone.
			const children = readdirSync(paths.at(directory), {encoding: 'latin1'}).map((name) => joinRaw(parent, name));
			count += children.length;
			if (count > most) return Infinity;
			directories.push(...children.filter((child) => lstatSync(paths.at(child)).isDirectory()));
		}
		return count;
	} finally {
		paths.close();
	}
}
