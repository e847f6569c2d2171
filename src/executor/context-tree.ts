import {basename} from 'node:path';
import type {Digest} from '../core/digest.ts';
import type {Source} from '../core/source.ts';
import type {TreeItem} from '../core/tree-entry.ts';
import {digestItems} from '../context/digest-items.ts';
import {openFileDigests} from '../context/file-digests.ts';
import {findIgnoreFile} from '../context/find-ignore-file.ts';
import {ignoreRulesOf} from '../context/ignore-rules.ts';
import {selectItems} from '../context/select-items.ts';
import {hasErrors} from '../diagnostics/diagnostic.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {parseIgnore} from '../language/ignore.ts';
import type {Store} from '../store/open-store.ts';

/** The build context of one build. */
export interface ContextTree {
	readonly root: string;
	/** Throws BuildError context/... for what the context does not give. */
	select(patterns: readonly string[]): {readonly items: readonly TreeItem[]; readonly digest: Digest};
}

/** Reads the ignore file when files are first selected; digests of unchanged files are remembered in the store. */
export function openContext(root: string, boxfilePath: string | undefined, store: Store): ContextTree {
	const files = openFileDigests(root, store);
	let rules: ReturnType<typeof ignoreRulesOf> | undefined | 'unread' = 'unread';
	const ignore = (): ReturnType<typeof ignoreRulesOf> | undefined => {
		if (rules !== 'unread') return rules;
		const file = findIgnoreFile(root, boxfilePath);
		rules = file === undefined ? undefined : readRules(file);
		return rules;
	};
	return {
		root,
		select(patterns) {
			const found = ignore();
			const items = selectItems(root, patterns, {
				place: `the build context \`${basename(root)}\``,
				...(found === undefined ? {} : {ignore: found}),
			});
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
