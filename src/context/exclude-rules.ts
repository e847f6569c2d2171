import {matchIgnore, mayPrune} from '../language/ignore.ts';
import {parseExclude} from '../language/exclude.ts';
import type {IgnoreRules} from './ignore-rules.ts';

/** The patterns of `--exclude` as questions about paths below the source; undefined when there are none. Malformed ones were reported before. */
export function excludeRulesOf(patterns: readonly string[] = []): IgnoreRules | undefined {
	const rules = {patterns: patterns.flatMap((pattern) => parseExclude(pattern) ?? [])};
	if (rules.patterns.length === 0) return undefined;
	return {
		excluded: (path) => matchIgnore(rules, path).ignored,
		mayContainIncluded: (directory) => !mayPrune(rules, directory),
	};
}
