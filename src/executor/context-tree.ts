import {basename, dirname, resolve} from 'node:path';
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
import type {CopyFrom} from '../plan/plan.ts';
import type {Store} from '../store/open-store.ts';
import type {BuildRequest} from './build-request.ts';

/** A directory that COPY, ADD and binds take files from. */
export interface ContextTree {
	readonly root: string;
	/** Throws BuildError context/... for what the context does not give. */
	select(patterns: readonly string[], flags?: SelectFlags): {readonly items: readonly TreeItem[]; readonly digest: Digest};
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
