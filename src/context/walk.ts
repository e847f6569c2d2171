import {joinRaw, type RawPath} from '../core/raw-path.ts';
import type {IgnoreRules} from './ignore-rules.ts';
import type {SelectedEntry} from './selection.ts';
import {entryOf, type TreeReader} from './tree-reader.ts';

export interface WalkOptions {
	readonly ignore?: IgnoreRules | undefined;
	/** Asked about paths below the start. */
	readonly exclude?: IgnoreRules | undefined;
	readonly keepIds?: boolean | undefined;
}

/**
 * A file or directory and all below it, parents first, siblings in byte order; symlinks are kept as they are.
 * An excluded directory appears only when something below it is included. Empty when nothing is there or all is excluded.
 */
export function walk(reader: TreeReader, start: RawPath, options: WalkOptions): SelectedEntry[] {
	const found: SelectedEntry[] = [];
	visit(reader, start, '' as RawPath, options, found);
	return found;
}

function visit(reader: TreeReader, source: RawPath, path: RawPath, options: WalkOptions, found: SelectedEntry[]): void {
	const {ignore, exclude, keepIds = false} = options;
	const stats = reader.stat(source);
	if (stats === undefined) return;
	const isDirectory = stats.isDirectory();
	const ignored = ignore !== undefined && source !== '' && ignore.excluded(source, isDirectory);
	if (ignored && (!isDirectory || ignore?.mayContainIncluded(source) !== true)) return;
	const excluded = exclude !== undefined && path !== '' && exclude.excluded(path, isDirectory);
	if (excluded && (!isDirectory || exclude?.mayContainIncluded(path) !== true)) return;
	const entry = entryOf(reader, source, path, stats, keepIds);
	if (entry === undefined) return;
	found.push(entry);
	if (!isDirectory) return;
	const before = found.length;
	const skipped = path === '' ? (source === '' ? 0 : source.length + 1) : source.length - path.length;
	for (const name of reader.list(source)) {
		const below = joinRaw(source, name);
		// A part of the same string: one text for each file, not two.
		visit(reader, below, below.slice(skipped) as RawPath, options, found);
	}
	if ((ignored || excluded) && found.length === before) found.pop();
}
