import {readFileSync, realpathSync, statSync} from 'node:fs';
import {join, resolve} from 'node:path';
import type {Source} from '../core/source.ts';
import {cliFileUnreadable, cliNoBoxfile, cliNotText} from '../diagnostics/cli.ts';
import {contextNotDirectory} from '../diagnostics/context.ts';
import {contextBoxfileOutside} from '../diagnostics/remote.ts';
import {BuildError} from '../diagnostics/build-error.ts';

const names = ['Boxfile', 'Containerfile', 'Dockerfile'];
const sizeLimit = 4 * 1024 * 1024;

export interface FoundBoxfile {
	readonly source: Source;
	/** Absolute; absent for standard input. */
	readonly path?: string;
}

/** The Boxfile of a build: --file (`-` is standard input), else the first of Boxfile, Containerfile, Dockerfile in the context. A foreign context's must lie inside it. */
export function readBoxfile(context: string, option: string | undefined, isForeign = false): FoundBoxfile {
	const found = findBoxfile(context, option);
	// A context from elsewhere must not show files of this machine in its error messages.
	if (isForeign && found.path !== undefined && !realpathSync(found.path).startsWith(`${realpathSync(context)}/`))
		throw new BuildError(contextBoxfileOutside(found.source.name));
	return found;
}

function findBoxfile(context: string, option: string | undefined): FoundBoxfile {
	if (option === '-') return {source: {name: '-', text: readText(0, 'standard input')}};
	if (option !== undefined) return {source: {name: option, text: readText(option, option)}, path: resolve(option)};
	if (statSync(context, {throwIfNoEntry: false})?.isDirectory() !== true)
		throw new BuildError(contextNotDirectory(context, 'there is no such directory'));
	const name = names.find((candidate) => statSync(join(context, candidate), {throwIfNoEntry: false}) !== undefined);
	if (name === undefined) throw new BuildError(cliNoBoxfile(context, names));
	return {source: {name, text: readText(join(context, name), name)}, path: resolve(context, name)};
}

function readText(file: string | 0, name: string): string {
	let bytes: Buffer;
	try {
		bytes = readFileSync(file);
	} catch (error) {
		throw new BuildError(cliFileUnreadable(name, (error as NodeJS.ErrnoException).code ?? 'an error'), {cause: error});
	}
	if (bytes.length > sizeLimit || bytes.includes(0)) throw new BuildError(cliNotText(name));
	try {
		return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes);
	} catch (error) {
		throw new BuildError(cliNotText(name), {cause: error});
	}
}
