import {realpathSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {Source} from '../core/source.ts';
import {cliFileUnreadable, cliNoBoxfile, cliNotText} from '../diagnostics/cli.ts';
import {contextNotDirectory} from '../diagnostics/context.ts';
import {contextBoxfileOutside} from '../diagnostics/remote.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {readTextFile} from '../host/text-file.ts';

const names = ['Boxfile', 'Containerfile', 'Dockerfile'];

export interface FoundBoxfile {
	readonly source: Source;
	/** Absolute; absent for standard input. */
	readonly path?: string;
}

/**
 * The Boxfile of a build: --file (`-` is standard input), else the first of Boxfile, Containerfile, Dockerfile in the context. A context
 * that was received, called `received` in messages, has its Boxfile inside, and --file starts there.
 */
export function readBoxfile(context: string, option: string | undefined, received?: string): FoundBoxfile {
	const found = findBoxfile(context, option, received);
	// A context from elsewhere must not show files of this machine in its error messages.
	if (received !== undefined && found.path !== undefined && !realpathSync(found.path).startsWith(`${realpathSync(context)}/`))
		throw new BuildError(contextBoxfileOutside(found.source.name));
	return found;
}

function findBoxfile(context: string, option: string | undefined, received: string | undefined): FoundBoxfile {
	if (option === '-') return {source: {name: '-', text: readText(0, 'standard input')}};
	if (option !== undefined) {
		// A file of the context, as people mean it who have no other directory.
		const path = received === undefined ? resolve(option) : join(context, option);
		return {source: {name: option, text: readText(path, option)}, path};
	}
	if (statSync(context, {throwIfNoEntry: false})?.isDirectory() !== true)
		throw new BuildError(contextNotDirectory(context, 'there is no such directory'));
	const name = names.find((candidate) => statSync(join(context, candidate), {throwIfNoEntry: false}) !== undefined);
	if (name === undefined) throw new BuildError(cliNoBoxfile(received ?? context, names));
	return {source: {name, text: readText(join(context, name), name)}, path: resolve(context, name)};
}

function readText(file: string | 0, name: string): string {
	const found = readTextFile(file);
	if (found === 'not-text') throw new BuildError(cliNotText(name));
	if ('errno' in found) throw new BuildError(cliFileUnreadable(name, found.errno));
	return found.text;
}
