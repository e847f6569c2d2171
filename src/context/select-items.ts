import {baseOf, type RawPath} from '../core/raw-path.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {excludeRulesOf} from './exclude-rules.ts';
import {explainMissing} from './explain-missing.ts';
import {hasWildcard} from './go-match.ts';
import type {IgnoreRules} from './ignore-rules.ts';
import {matchesOf, pathOfPattern} from './match-pattern.ts';
import {resolveLink} from './resolve-link.ts';
import type {SelectOptions} from './select-options.ts';
import {selectParents} from './select-parents.ts';
import type {SelectedItem} from './selection.ts';
import {limitReader, makeTreeReader, type TreeReader} from './tree-reader.ts';
import {walk} from './walk.ts';

/**
 * What the patterns of a COPY select below a directory, in the order of the patterns, matches in byte order.
 * A selected symlink is followed inside the root, links below it are kept. A pattern with wildcards may match nothing (as in BuildKit),
 * any other must exist. Throws BuildError with all problems: context/missing-source, context/malformed-pattern.
 */
export function selectItems(root: string, patterns: readonly string[], options: SelectOptions = {}): SelectedItem[] {
	const everything = makeTreeReader(root);
	const reader = options.most === undefined ? everything : limitReader(everything, options.most);
	const select = options.parents === true ? selectParents : selectPattern;
	const exclude = excludeRulesOf(options.exclude);
	const problems: Diagnostic[] = [];
	const items = patterns.flatMap((pattern) => {
		try {
			return select(reader, pattern, {options, exclude});
		} catch (error) {
			if (!(error instanceof BuildError)) throw error;
			problems.push(...error.diagnostics);
			return [];
		}
	});
	if (problems.length > 0) throw new BuildError(problems);
	return items;
}

/** The options of one selection and its `--exclude` as rules. */
export interface Selecting {
	readonly options: SelectOptions;
	readonly exclude: IgnoreRules | undefined;
}

function selectPattern(reader: TreeReader, pattern: string, selecting: Selecting): SelectedItem[] {
	const {place = 'the build context', ignore} = selecting.options;
	const path = pathOfPattern(pattern);
	const found = matchesOf(reader, path, pattern).map((match) => selectPath(reader, match, selecting));
	if (found[0] === undefined && !hasWildcard(path)) throw new BuildError(explainMissing(reader, pattern, path, place, ignore));
	return found.flatMap((item) => (item === undefined || item === 'excluded' ? [] : item));
}

function selectPath(reader: TreeReader, path: RawPath, {options, exclude}: Selecting): SelectedItem | 'excluded' | undefined {
	const {ignore, keepIds} = options;
	const real = resolveLink(reader, path);
	if (real === undefined) return undefined;
	// The name that was asked for counts as well as what it leads to.
	if (path !== real && ignore?.excluded(path, false) === true) return undefined;
	const entries = walk(reader, real, {ignore, exclude, keepIds});
	const first = entries[0];
	if (first === undefined) return undefined;
	const isDirectory = first.type === 'directory';
	// The patterns of --exclude are about what is below the source; a source that is a file is known by its name and by its path.
	const isExcluded = !isDirectory && [baseOf(path), path].some((name) => exclude?.excluded(name, false) === true);
	return isExcluded ? 'excluded' : {name: baseOf(path), isDirectory, entries};
}
