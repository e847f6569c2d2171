import {mkdirSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {errnoOf} from './errno.ts';

/**
 * Makes an absolute directory and the parents that it lacks. Throws the error of mkdir(2). Node's own recursive mkdir never returns where a parent
 * exists and a name in it is refused with ENOENT, as below /proc.
 */
export function makeDirectories(path: string, mode = 0o777): void {
	try {
		mkdirSync(path, {mode});
	} catch (error) {
		if (errnoOf(error) === 'ENOENT' && statSync(dirname(path), {throwIfNoEntry: false}) === undefined) {
			makeDirectories(dirname(path), mode);
			makeDirectories(path, mode);
		} else if (statSync(path, {throwIfNoEntry: false})?.isDirectory() !== true) throw error;
	}
}
