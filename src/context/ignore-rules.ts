import {positionAt} from '../core/source.ts';
import type {RawPath} from '../core/raw-path.ts';
import {type IgnoreRules as ParsedRules, matchIgnore, mayPrune} from '../language/ignore.ts';

/** What a walk asks about each path. */
export interface IgnoreRules {
	excluded(path: RawPath, isDirectory: boolean): boolean;
	/** False when nothing below an excluded directory can be included again: it is not entered then. */
	mayContainIncluded(directory: RawPath): boolean;
	/** The rule that excludes a path as people know it: `*.log` in line 3 of .boxignore. */
	explain?(path: RawPath): string | undefined;
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
			return `the rule \`${source.text.slice(by.span.start, by.span.end)}\` in line ${positionAt(source.text, by.span.start).line} of ${source.name}`;
		},
	};
}
