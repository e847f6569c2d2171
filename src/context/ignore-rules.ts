import type {RawPath} from '../core/raw-path.ts';
import type {Label} from '../diagnostics/diagnostic.ts';
import {type IgnoreRules as ParsedRules, matchIgnore, mayPrune} from '../language/ignore.ts';

/** What a walk asks about each path. */
export interface IgnoreRules {
	excluded(path: RawPath, isDirectory: boolean): boolean;
	/** False when nothing below an excluded directory can be included again: it is not entered then. */
	mayContainIncluded(directory: RawPath): boolean;
	/** The line of the ignore file that excludes a path. */
	explain?(path: RawPath): Label | undefined;
}

/** The questions of a walk answered by the rules of an ignore file. */
export function ignoreRulesOf(rules: ParsedRules): IgnoreRules {
	const {source} = rules;
	return {
		excluded: (path) => matchIgnore(rules, path).ignored,
		mayContainIncluded: (directory) => !mayPrune(rules, directory),
		explain(path) {
			const {by} = matchIgnore(rules, path);
			if (by === undefined) return undefined;
			return {source, span: by.span};
		},
	};
}
