import {readdirSync, statSync, type Stats} from 'node:fs';
import {basename, dirname, join, resolve} from 'node:path';
import type {Source} from '../core/source.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {boxfileUnreadable} from '../diagnostics/stage.ts';
import {readTextFile} from '../host/text-file.ts';
import type {BuildRequest} from './build-request.ts';
import {isInside} from './foreign-context.ts';

/** Reads a Boxfile that FROM or `--from` names by its path from the context directory. Throws stage/boxfile-unreadable. */
export function readOtherBoxfile(file: string, {context, isForeign}: Pick<BuildRequest, 'context' | 'isForeign'>): Source {
	const path = resolve(context, file);
	if (isForeign && !isInside(path, context)) throw new BuildError(boxfileUnreadable(file, 'it is outside the context, which was received'));
	const stats = statsOf(path);
	if (stats?.isDirectory() === true)
		throw new BuildError(boxfileUnreadable(file, 'it is a directory', existing(`${file}/Boxfile`, context)));
	if (stats?.isFile() === false) throw new BuildError(boxfileUnreadable(file, 'it is no regular file'));
	const found = readTextFile(path);
	if (found === 'not-text') throw new BuildError(boxfileUnreadable(file, 'it is no UTF-8 text of at most 4 MiB'));
	if ('errno' in found) throw new BuildError(boxfileUnreadable(file, `reading it ended with ${found.errno}`, similar(file, context)));
	return {name: file, text: found.text};
}

function existing(file: string, context: string): string | undefined {
	return statsOf(resolve(context, file)) === undefined ? undefined : written(file);
}

/** Undefined for what cannot be looked at: reading it says why. */
function statsOf(path: string): Stats | undefined {
	try {
		return statSync(path);
	} catch {
		return undefined;
	}
}

/** A file of the same directory with nearly the same name. */
function similar(file: string, context: string): string | undefined {
	try {
		const name = suggest(basename(file), readdirSync(resolve(context, dirname(file))));
		return name === undefined ? undefined : written(join(dirname(file), name));
	} catch {
		return undefined;
	}
}

/** As FROM takes it. */
function written(file: string): string {
	return /^\.{0,2}\//v.test(file) ? file : `./${file}`;
}
