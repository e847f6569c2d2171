import {baseOf, joinRaw, rawOf, type RawPath} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {badPattern, sourceOutside} from '../diagnostics/context.ts';
import {goMatch, hasWildcard} from './go-match.ts';
import type {IgnoreRules} from './ignore-rules.ts';
import {explainMissing} from './explain-missing.ts';
import {resolveLink} from './resolve-link.ts';
import type {SelectedItem} from './selection.ts';
import {makeTreeReader, type TreeReader} from './tree-reader.ts';
import {walk} from './walk.ts';

export interface SelectOptions {
	readonly ignore?: IgnoreRules;
	/** Owners as they are (file systems of stages); otherwise 0:0. */
	readonly keepIds?: boolean;
	/** The tree as people say it; `the build context` when absent. */
	readonly place?: string;
}

/**
 * What the patterns of a COPY select below a directory, in the order of the patterns, matches in byte order.
 * A selected symlink is followed inside the root, links below it are kept. A pattern with wildcards may match nothing (as in BuildKit),
 * any other must exist. Throws BuildError context/missing-source, context/outside, context/malformed-pattern.
 */
export function selectItems(root: string, patterns: readonly string[], options: SelectOptions = {}): SelectedItem[] {
	const reader = makeTreeReader(root);
	return patterns.flatMap((pattern) => selectPattern(reader, pattern, options));
}

function selectPattern(reader: TreeReader, pattern: string, options: SelectOptions): SelectedItem[] {
	const place = options.place ?? 'the build context';
	const path = insideRoot(rawOf(pattern));
	if (path === undefined) throw new BuildError(sourceOutside(pattern, place));
	if (!hasWildcard(path)) {
		const item = selectPath(reader, path, options);
		if (item === undefined) throw new BuildError(explainMissing(reader, pattern, path, place, options.ignore));
		return [item];
	}
	let matches: RawPath[] = ['' as RawPath];
	for (const part of path.split('/')) {
		if (goMatch(part, '') === undefined) throw new BuildError(badPattern(pattern));
		matches = matches.flatMap((directory) => matchesIn(reader, directory, part));
	}
	return matches.flatMap((match) => selectPath(reader, match, options) ?? []);
}

/** Normalised, or undefined when its `..` lead above the root. */
function insideRoot(path: RawPath): RawPath | undefined {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '' || part === '.') continue;
		if (part !== '..') parts.push(part);
		else if (parts.pop() === undefined) return undefined;
	}
	return parts.join('/') as RawPath;
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

function selectPath(reader: TreeReader, path: RawPath, options: SelectOptions): SelectedItem | undefined {
	const {ignore, keepIds} = options;
	const real = resolveLink(reader, path);
	if (real === undefined) return undefined;
	// The name that was asked for counts as well as what it leads to.
	if (path !== real && ignore?.excluded(path, false) === true) return undefined;
	const entries = walk(reader, real, {ignore, keepIds});
	const first = entries[0];
	return first === undefined ? undefined : {name: baseOf(path), isDirectory: first.type === 'directory', entries};
}
