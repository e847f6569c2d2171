import {accessSync, constants} from 'node:fs';
import {basename, dirname, resolve} from 'node:path';
import {hostPath} from '../core/raw-path.ts';
import type {Digest} from '../core/digest.ts';
import type {Source} from '../core/source.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import {digestItems} from '../context/digest-items.ts';
import {type FileDigests, openFileDigests} from '../context/file-digests.ts';
import {findIgnoreFile} from '../context/find-ignore-file.ts';
import {ignoreRulesOf} from '../context/ignore-rules.ts';
import {selectItems} from '../context/select-items.ts';
import type {SelectedEntry, SelectedItem} from '../context/selection.ts';
import type {SelectFlags} from '../context/select-options.ts';
import {hasErrors} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseIgnore} from '../language/ignore.ts';
import {namedContext} from '../plan/named-context.ts';
import type {CopyFrom} from '../plan/plan.ts';
import type {Store} from '../store/open-store.ts';
import type {BuildRequest} from './build-request.ts';

/** A directory that COPY, ADD and binds take files from. */
export interface ContextTree {
	readonly root: string;
	/** Throws BuildError context/... for what the context does not give. */
	select(patterns: readonly string[], flags?: SelectFlags): {readonly items: readonly TreeItem[]; readonly digest: Digest};
	/** The same without reading files. */
	look(patterns: readonly string[], flags?: SelectFlags): Sighting;
}

/** What patterns select, before anything is read. */
export interface Sighting {
	readonly root: string;
	readonly items: readonly SelectedItem[];
	/** Bytes of the files whose digests are not known, and how many these are. */
	readonly unread: {readonly files: number; readonly bytes: number};
	/** That the files whose digests are not known can be read by this process: the worker may have more rights. */
	isReadable(): boolean;
	/** Takes digests of files that somebody has read since a time (milliseconds since 1970). */
	learn(digests: Iterable<readonly [entry: SelectedEntry, digest: Digest]>, since: number): void;
	/** Of the items; reads what is not known. Throws BuildError context/... for a file that cannot be read. */
	digest(): Digest;
}

/** The contexts of one build. */
export type ContextOf = (from: ContextFrom) => ContextTree;
type ContextFrom = Extract<CopyFrom, {kind: 'context'}>;

/** The context of a build, those that the command line named, and the directories of other Boxfiles; each has its own ignore file. */
export function openContexts(request: Pick<BuildRequest, 'context' | 'boxfilePath' | 'contexts'>, store: Store): ContextOf {
	const opened = new Map<string, ContextTree>();
	return (from) => {
		const key = JSON.stringify([from.name, from.boxfile]);
		const tree = opened.get(key) ?? openTree(store, placeOf(from, request));
		opened.set(key, tree);
		return tree;
	};
}

interface ContextPlace {
	readonly root: string;
	/** As messages call it. */
	readonly place: string;
	/** Absolute path of the Boxfile whose own ignore file counts. */
	readonly boxfile?: string;
}

function placeOf(
	{name, boxfile}: ContextFrom,
	{context, boxfilePath, contexts}: Pick<BuildRequest, 'context' | 'boxfilePath' | 'contexts'>,
): ContextPlace {
	if (boxfile !== undefined) {
		const path = resolve(context, boxfile);
		return {root: dirname(path), place: `the directory of \`${boxfile}\``, boxfile: path};
	}
	if (name !== undefined) {
		const found = namedContext(name, contexts);
		if (found?.kind !== 'directory') throw new Error(`no directory is named ${name}`);
		return {root: found.path, place: `the build context \`${name}\``};
	}
	const place = `the build context \`${basename(context)}\``;
	return {root: context, place, ...(boxfilePath === undefined ? {} : {boxfile: boxfilePath})};
}

/** Reads the ignore file when files are first selected; digests of unchanged files are remembered in the store. */
function openTree(store: Store, {root, place, boxfile}: ContextPlace): ContextTree {
	const files = openFileDigests(root, store);
	let rules: ReturnType<typeof ignoreRulesOf> | undefined | 'unread' = 'unread';
	const ignore = (): ReturnType<typeof ignoreRulesOf> | undefined => {
		if (rules !== 'unread') return rules;
		const file = findIgnoreFile(root, boxfile);
		rules = file === undefined ? undefined : readRules(file);
		return rules;
	};
	const look = (patterns: readonly string[], flags: SelectFlags = {}): Sighting => {
		const found = ignore();
		return sight(root, selectItems(root, patterns, {...flags, place, ...(found === undefined ? {} : {ignore: found})}), files);
	};
	return {
		root,
		select(patterns, flags) {
			const seen = look(patterns, flags);
			return {items: seen.items, digest: seen.digest()};
		},
		look,
	};
}

function sight(root: string, items: readonly SelectedItem[], files: FileDigests): Sighting {
	let count = 0;
	let bytes = 0;
	for (const {entries} of items) {
		for (const entry of entries) {
			if (entry.type !== 'file') continue;
			entry.digest = files.knownDigest(entry);
			if (entry.digest !== undefined) continue;
			count += 1;
			bytes += entry.size;
		}
	}
	return {
		root,
		items,
		unread: {files: count, bytes},
		isReadable: () =>
			items.every(({entries}) =>
				entries.every(({type, digest, mode, source}) => {
					const isKnown = type !== 'file' || digest !== undefined || (mode & 0o004) !== 0;
					return isKnown || canRead(hostPath(root, source));
				}),
			),
		learn(digests, since) {
			for (const [entry, digest] of digests) {
				entry.digest = digest;
				files.learn(entry, digest, since);
			}
		},
		digest() {
			const digest = digestItems(items, files);
			files.save();
			return digest;
		},
	};
}

function canRead(path: Buffer): boolean {
	try {
		accessSync(path, constants.R_OK);
		return true;
	} catch {
		return false;
	}
}

function readRules(file: Source): ReturnType<typeof ignoreRulesOf> {
	const {value, diagnostics} = parseIgnore(file);
	if (value === undefined || hasErrors(diagnostics)) throw new BuildError(diagnostics);
	return ignoreRulesOf(value);
}
