import {joinRaw, rawOf, type RawPath} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {badPattern} from '../diagnostics/context.ts';
import {compileGlob, type Glob} from '../language/glob.ts';
import {canMatchBelow} from '../language/ignore.ts';
import {explainMissing} from './explain-missing.ts';
import {hasWildcard} from './go-match.ts';
import {matchesOf, pathOfPattern} from './match-pattern.ts';
import {resolveLink} from './resolve-link.ts';
import type {Selecting} from './select-items.ts';
import type {SelectedEntry, SelectedItem} from './selection.ts';
import {entryOf, type TreeReader} from './tree-reader.ts';

/**
 * What one source of `COPY --parents` selects: a directory that holds the matches with the directories above them, up to the root or to the
 * place of `/./`. Patterns know `**` here, and links on the way are not followed (both as in BuildKit).
 */
export function selectParents(reader: TreeReader, pattern: string, selecting: Selecting): SelectedItem[] {
	const {place = 'the build context', ignore} = selecting.options;
	const cut = pattern.indexOf('/./');
	const pivot = cut === -1 ? ('' as RawPath) : pathOfPattern(pattern.slice(0, cut));
	const wanted = pathOfPattern(cut === -1 ? pattern : pattern.slice(cut + 3));
	const items = matchesOf(reader, pivot, pattern).flatMap((match) => {
		const root = resolveLink(reader, match);
		return root === undefined || reader.stat(root)?.isDirectory() !== true ? [] : selectBelow(reader, root, {wanted, pattern, selecting});
	});
	if (items.length > 0 || hasWildcard(pivot) || hasWildcard(wanted)) return items;
	throw new BuildError(explainMissing(reader, pattern, joinAll(pivot, wanted), place, ignore));
}

function joinAll(directory: RawPath, path: RawPath): RawPath {
	return path === '' ? directory : joinRaw(directory, path);
}

interface Below {
	readonly wanted: RawPath;
	readonly pattern: string;
	readonly selecting: Selecting;
}

function selectBelow(reader: TreeReader, root: RawPath, {wanted, pattern, selecting}: Below): SelectedItem[] {
	const expression = compileGlob(wanted);
	if (expression === undefined) throw new BuildError(badPattern(pattern));
	const found: SelectedEntry[] = [];
	const search = {reader, wanted, expression, selecting, found};
	visit(search, root, '' as RawPath, wanted === '');
	// The root alone is no match unless it was asked for.
	return found.length > (wanted === '' ? 0 : 1) ? [{name: rawOf(''), isDirectory: true, entries: found}] : [];
}

interface Search {
	readonly reader: TreeReader;
	readonly wanted: RawPath;
	readonly expression: Glob;
	readonly selecting: Selecting;
	readonly found: SelectedEntry[];
}

function visit(search: Search, source: RawPath, path: RawPath, above: boolean): void {
	const {reader, wanted, expression, selecting, found} = search;
	const {options, exclude} = selecting;
	const stats = reader.stat(source);
	if (stats === undefined) return;
	const isDirectory = stats.isDirectory();
	const isMatch = above || expression.test(path);
	if (!isMatch && (!isDirectory || (path !== '' && !canMatchBelow(wanted, path)))) return;
	const hidden = [source !== '' && options.ignore?.excluded(source, isDirectory), path !== '' && exclude?.excluded(path, isDirectory)];
	const isHidden = hidden.includes(true);
	if (isHidden && !isDirectory) return;
	if (hidden[0] === true && options.ignore?.mayContainIncluded(source) !== true) return;
	if (hidden[1] === true && exclude?.mayContainIncluded(path) !== true) return;
	const entry = entryOf(reader, source, path, stats, options.keepIds === true);
	if (entry === undefined) return;
	found.push(entry);
	if (!isDirectory) return;
	const before = found.length;
	for (const name of reader.list(source)) visit(search, joinRaw(source, name), joinRaw(path, name), isMatch);
	if ((isHidden || !isMatch) && path !== '' && found.length === before) found.pop();
}
