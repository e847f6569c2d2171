import {joinRaw, type RawPath, rawOf} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {badPattern} from '../diagnostics/context.ts';
import {goMatch, hasWildcard} from './go-match.ts';
import {resolveLink} from './resolve-link.ts';
import type {TreeReader} from './tree-reader.ts';

/** The pattern as a path, normalised; `..` do not lead above the root. */
export function pathOfPattern(pattern: string): RawPath {
	const parts: string[] = [];
	for (const part of rawOf(pattern).split('/')) {
		if (part === '' || part === '.') continue;
		if (part === '..') parts.pop();
		else parts.push(part);
	}
	return parts.join('/') as RawPath;
}

/** Paths that a pattern of Go's path.Match matches, in byte order; one without wildcards is its own match. */
export function matchesOf(reader: TreeReader, path: RawPath, pattern: string): readonly RawPath[] {
	if (!hasWildcard(path)) return [path];
	let matches: RawPath[] = ['' as RawPath];
	for (const part of path.split('/')) {
		if (goMatch(part, '') === undefined) throw new BuildError(badPattern(pattern));
		matches = matches.flatMap((directory) => matchesIn(reader, directory, part));
	}
	return matches;
}

function matchesIn(reader: TreeReader, directory: RawPath, part: string): RawPath[] {
	if (!hasWildcard(part)) return [joinRaw(directory, part)];
	const real = resolveLink(reader, directory);
	if (real === undefined || reader.stat(real)?.isDirectory() !== true) return [];
	return reader
		.list(real)
		.filter((name) => goMatch(part, name) === true)
		.map((name) => joinRaw(directory, name));
}
