import {basename} from 'node:path';
import type {Digest} from '../core/digest.ts';
import type {Source} from '../core/source.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import {digestItems} from '../context/digest-items.ts';
import {openFileDigests} from '../context/file-digests.ts';
import {findIgnoreFile} from '../context/find-ignore-file.ts';
import {ignoreRulesOf} from '../context/ignore-rules.ts';
import {selectItems} from '../context/select-items.ts';
import type {SelectFlags} from '../context/select-options.ts';
import {hasErrors} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseIgnore} from '../language/ignore.ts';
import {namedContext} from '../plan/named-context.ts';
import type {Store} from '../store/open-store.ts';
import type {BuildRequest} from './build-request.ts';

/** The build context of one build. */
export interface ContextTree {
	readonly root: string;
	/** A context that the command line gave a name. */
	named(name: string): ContextTree;
	/** Throws BuildError context/... for what the context does not give. */
	select(patterns: readonly string[], flags?: SelectFlags): {readonly items: readonly TreeItem[]; readonly digest: Digest};
}

/** The context of a build and those that the command line named; each has its own ignore file. */
export function openContext(
	{context, boxfilePath, contexts}: Pick<BuildRequest, 'context' | 'boxfilePath' | 'contexts'>,
	store: Store,
): ContextTree {
	const opened = new Map<string, ContextTree>();
	const named = (name: string): ContextTree => {
		const known = opened.get(name);
		if (known !== undefined) return known;
		const found = namedContext(name, contexts);
		if (found?.kind !== 'directory') throw new Error(`no directory is named ${name}`);
		const tree = {...openTree(found.path, store, {place: `the build context \`${name}\``}), named};
		opened.set(name, tree);
		return tree;
	};
	const place = `the build context \`${basename(context)}\``;
	return {...openTree(context, store, {place, ...(boxfilePath === undefined ? {} : {boxfile: boxfilePath})}), named};
}

/** Reads the ignore file when files are first selected; digests of unchanged files are remembered in the store. */
function openTree(
	root: string,
	store: Store,
	{place, boxfile}: {readonly place: string; readonly boxfile?: string},
): Omit<ContextTree, 'named'> {
	const files = openFileDigests(root, store);
	let rules: ReturnType<typeof ignoreRulesOf> | undefined | 'unread' = 'unread';
	const ignore = (): ReturnType<typeof ignoreRulesOf> | undefined => {
		if (rules !== 'unread') return rules;
		const file = findIgnoreFile(root, boxfile);
		rules = file === undefined ? undefined : readRules(file);
		return rules;
	};
	return {
		root,
		select(patterns, flags = {}) {
			const found = ignore();
			const items = selectItems(root, patterns, {...flags, place, ...(found === undefined ? {} : {ignore: found})});
			const digest = digestItems(items, files);
			files.save();
			return {items, digest};
		},
	};
}

function readRules(file: Source): ReturnType<typeof ignoreRulesOf> {
	const {value, diagnostics} = parseIgnore(file);
	if (value === undefined || hasErrors(diagnostics)) throw new BuildError(diagnostics);
	return ignoreRulesOf(value);
}
