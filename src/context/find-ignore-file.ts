import {lstatSync, readFileSync, realpathSync, statSync} from 'node:fs';
import {basename, join} from 'node:path';
import type {Source} from '../core/source.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {ignoreFileOutside, ignoreFileUnreadable} from '../diagnostics/context.ts';
import {errnoOf} from '../host/errno.ts';

const sizeLimit = 4 * 1024 * 1024;

/**
 * The ignore file of a build: the one beside the Boxfile that has its name (`Boxfile.boxignore`, `.dockerignore`), else the context's own
 * .boxignore, .containerignore or .dockerignore. Undefined when there is none. Throws when it is a symlink that leaves its directory.
 */
export function findIgnoreFile(context: string, boxfile?: string): Source | undefined {
	const own = boxfile === undefined ? [] : [`${boxfile}.boxignore`, `${boxfile}.dockerignore`];
	const candidates = [
		...own.map((path) => ({path, within: join(path, '..')})),
		...['.boxignore', '.containerignore', '.dockerignore'].map((name) => ({path: join(context, name), within: context})),
	];
	for (const {path, within} of candidates) {
		if (lstatSync(path, {throwIfNoEntry: false}) === undefined) continue;
		return {name: basename(path), text: readIgnoreFile(path, within)};
	}
	return undefined;
}

function readIgnoreFile(path: string, within: string): string {
	const name = basename(path);
	try {
		const real = realpathSync(path);
		const root = realpathSync(within);
		if (!real.startsWith(root === '/' ? '/' : `${root}/`)) throw new BuildError(ignoreFileOutside(name));
		const stats = statSync(real);
		if (!stats.isFile()) throw new BuildError(ignoreFileUnreadable(name, 'it is not a regular file'));
		if (stats.size > sizeLimit) throw new BuildError(ignoreFileUnreadable(name, `it has ${stats.size} bytes, ${sizeLimit} are allowed`));
		return readFileSync(real, 'utf8');
	} catch (error) {
		if (error instanceof BuildError) throw error;
		throw new BuildError(ignoreFileUnreadable(name, `reading it ended with ${errnoOf(error)}`), {cause: error});
	}
}
