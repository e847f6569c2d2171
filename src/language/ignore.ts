import {ancestorsOf, rawOf, type RawPath} from '../core/raw-path.ts';
import type {Source, Span} from '../core/source.ts';
import type {Diagnostic, Outcome} from '../diagnostics/diagnostic.ts';
import {badIgnorePattern} from '../diagnostics/syntax.ts';
import {compileGlob, type Glob} from './glob.ts';

/** One line of an ignore file. */
export interface IgnorePattern {
	/** Cleaned, without `!`, bytes as latin1. */
	readonly pattern: string;
	/** `!`: takes files back in. */
	readonly negated: boolean;
	readonly expression: Glob;
	readonly span: Span;
}

export interface IgnoreRules {
	readonly source: Source;
	readonly patterns: readonly IgnorePattern[];
}

export interface IgnoreMatch {
	readonly ignored: boolean;
	/** The last pattern that matched the path or a directory above it. */
	readonly by?: IgnorePattern;
}

/** Reads an ignore file as Docker does: comments, blank lines, `!`; paths are cleaned and a leading `/` means nothing. */
export function parseIgnore(source: Source): Outcome<IgnoreRules> {
	const patterns: IgnorePattern[] = [];
	const diagnostics: Diagnostic[] = [];
	let offset = 0;
	for (const line of source.text.split('\n')) {
		const start = offset;
		offset += line.length + 1;
		const text = start === 0 ? line.replace(/^\uFEFF/v, '') : line;
		if (text.startsWith('#')) continue;
		const trimmed = text.trim();
		if (trimmed === '') continue;
		const from = start + line.indexOf(trimmed);
		const span = {start: from, end: from + trimmed.length};
		const negated = trimmed.startsWith('!');
		const bare = negated ? trimmed.slice(1).trim() : trimmed;
		if (bare === '') {
			diagnostics.push(badIgnorePattern({source, span}, 'a pattern has to follow the `!`'));
			continue;
		}
		const pattern = rawOf(cleanPattern(bare));
		const expression = compileGlob(pattern);
		if (expression === undefined) diagnostics.push(badIgnorePattern({source, span}, 'a `[` is not closed or a range is backwards'));
		else patterns.push({pattern, negated, expression, span});
	}
	return {value: {source, patterns}, diagnostics};
}

/** Whether Docker would leave the path out of the context: the last pattern wins that matches it or a directory above it. */
export function matchIgnore(rules: Pick<IgnoreRules, 'patterns'>, path: RawPath): IgnoreMatch {
	const candidates = [...ancestorsOf(path), path];
	const by = rules.patterns.findLast(({expression}) => candidates.some((candidate) => expression.test(candidate)));
	return by === undefined ? {ignored: false} : {ignored: !by.negated, by};
}

/** True when nothing below the directory can be in the context: it is ignored, and no later `!` pattern can match below it. */
export function mayPrune(rules: Pick<IgnoreRules, 'patterns'>, directory: RawPath): boolean {
	const {ignored, by} = matchIgnore(rules, directory);
	if (!ignored || by === undefined) return false;
	const later = rules.patterns.slice(rules.patterns.indexOf(by) + 1);
	return !later.some(({negated, pattern}) => negated && canMatchBelow(pattern, directory));
}

/** False when a pattern cannot match anything below a directory. */
export function canMatchBelow(pattern: string, directory: RawPath): boolean {
	const wanted = pattern.split('/');
	const have = directory.split('/');
	for (const [index, component] of have.entries()) {
		const part = wanted[index];
		if (part === undefined) return false;
		// `**`, sets and escapes can match a slash, so nothing can be said behind them.
		if (/\*\*|[\[\\]/v.test(part)) return true;
		if (compileGlob(part)?.test(component) !== true) return false;
	}
	return wanted.length > have.length;
}

/** Go's filepath.Clean of the pattern, and no leading `/`. */
export function cleanPattern(text: string): string {
	const rooted = text.startsWith('/');
	const parts: string[] = [];
	for (const part of text.split('/')) {
		if (part === '' || part === '.') continue;
		if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
		else if (part !== '..' || !rooted) parts.push(part);
	}
	return parts.join('/') || '.';
}
