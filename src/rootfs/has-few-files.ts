import {readdirSync} from 'node:fs';
import {joinRaw, type RawPath} from '../core/raw-path.ts';
import {TreePaths} from '../host/tree-paths.ts';

/** Whether a directory and all below hold at most so many names; stops looking when they are more. */
export function hasFewFiles(root: string, most: number): boolean {
	const paths = new TreePaths(root);
	const directories = ['' as RawPath];
	let count = 0;
	try {
		for (let directory = directories.pop(); directory !== undefined; directory = directories.pop()) {
			const entries = readdirSync(paths.at(directory), {encoding: 'latin1', withFileTypes: true});
			count += entries.length;
			if (count > most) return false;
			for (const entry of entries) if (entry.isDirectory()) directories.push(joinRaw(directory, entry.name));
		}
		return true;
	} finally {
		paths.close();
	}
}
