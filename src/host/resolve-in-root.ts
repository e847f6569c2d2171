import type {RawPath} from '../core/raw-path.ts';
import {joinRaw, parentOf} from '../core/raw-path.ts';

/** What stands at a path whose components above are real directories: enough to walk on. */
export interface Found {
	readonly type: string;
	readonly link?: string | undefined;
}

export interface Resolved {
	/** No component above the last is a symlink. */
	readonly path: RawPath;
	/** Every path that was looked at on the way, in order: what decides the result. */
	readonly visited: readonly RawPath[];
}

/** As many symlinks as Linux follows in one lookup (fs/namei.c, MAXSYMLINKS). */
const mostLinks = 40;

/**
 * Follows symlinks inside a root as if it were `/`: absolute targets start at the root, `..` stops there. Missing components are kept as
 * they stand. With `last: 'keep'` a symlink in the last place is not followed. Undefined after 40 symlinks.
 */
export function resolveInRoot(
	text: string,
	lookup: (path: RawPath) => Found | undefined,
	last: 'follow' | 'keep' = 'follow',
): Resolved | undefined {
	const left = text.split('/').toReversed();
	const visited: RawPath[] = [];
	let at = '' as RawPath;
	let links = 0;
	while (left.length > 0) {
		const part = left.pop() ?? '';
		if (part === '' || part === '.') continue;
		if (part === '..') {
			at = parentOf(at) ?? at;
			continue;
		}
		const next = joinRaw(at, part);
		visited.push(next);
		const found = lookup(next);
		if (found?.type === 'symlink' && (last === 'follow' || left.some((rest) => rest !== '' && rest !== '.'))) {
			if (++links > mostLinks) return undefined;
			const target = found.link ?? '';
			if (target.startsWith('/')) at = '' as RawPath;
			left.push(...target.split('/').toReversed());
		} else at = next;
	}
	return {path: at, visited};
}
