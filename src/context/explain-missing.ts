import {baseOf, joinRaw, parentOf, type RawPath, textOf} from '../core/raw-path.ts';
import {suggest} from '../core/suggest.ts';
import {missingSource} from '../diagnostics/context.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {IgnoreRules} from './ignore-rules.ts';
import {resolveLink} from './resolve-link.ts';
import type {TreeReader} from './tree-reader.ts';

/** Why a source selects nothing: an ignore rule, a link that leads nowhere, or a name that is not there and its nearest neighbour. */
export function explainMissing(reader: TreeReader, pattern: string, path: RawPath, place: string, ignore?: IgnoreRules): Diagnostic {
	const stats = reader.stat(path);
	const ignoredBy = stats !== undefined && ignore?.excluded(path, stats.isDirectory()) === true ? ignore.explain?.(path) : undefined;
	if (ignoredBy !== undefined) return missingSource(pattern, place, {ignoredBy});
	if (stats?.isSymbolicLink() === true && resolveLink(reader, path) === undefined) {
		return missingSource(pattern, place, {linkTarget: textOf(reader.readLink(path) as RawPath)});
	}
	const suggestion = nearest(reader, path) ?? elsewhere(reader, path, ignore);
	return missingSource(pattern, place, suggestion === undefined ? {} : {suggestion: textOf(suggestion)});
}

/** Directories that are looked through for a file of the same name. */
const searched = 500;

/** The file or directory of the same name that is nearest to the root; what an ignore rule hides does not count. */
function elsewhere(reader: TreeReader, path: RawPath, ignore: IgnoreRules | undefined): RawPath | undefined {
	const directories = ['' as RawPath];
	for (const directory of directories) {
		const names = reader.list(directory).filter((name) => ignore?.excluded(joinRaw(directory, name), false) !== true);
		if (names.includes(baseOf(path))) return joinRaw(directory, baseOf(path));
		const below = names.map((name) => joinRaw(directory, name)).filter((name) => reader.stat(name)?.isDirectory() === true);
		directories.push(...below.slice(0, searched - directories.length));
	}
	return undefined;
}

/** Corrects the first component that does not exist. */
function nearest(reader: TreeReader, path: RawPath): RawPath | undefined {
	const parent = parentOf(path);
	if (parent === undefined) return undefined;
	const directory = resolveLink(reader, parent) === undefined ? nearest(reader, parent) : parent;
	const real = directory === undefined ? undefined : resolveLink(reader, directory);
	if (directory === undefined || real === undefined || reader.stat(real)?.isDirectory() !== true) return undefined;
	const names = reader.list(real);
	const name = names.includes(baseOf(path)) ? baseOf(path) : suggest(baseOf(path), names);
	return name === undefined ? undefined : joinRaw(directory, name);
}
