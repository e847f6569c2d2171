import {mkdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';

/** Writes files, given as [path, content] pairs, below a directory and makes the directories on the way. */
export function writeFiles(directory, files) {
	const made = new Set();
	for (const [path, content] of files) {
		const file = join(directory, path);
		if (!made.has(dirname(file))) mkdirSync(dirname(file), {recursive: true});
		made.add(dirname(file));
		writeFileSync(file, content);
	}
}
