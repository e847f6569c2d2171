import {joinRaw, parentOf, type RawPath} from '../core/raw-path.ts';
import type {TreeReader} from './tree-reader.ts';

/**
 * Follows every symlink of a path as if the root were `/` (absolute targets and too many `..` stay inside), the last component included.
 * Undefined when a component is missing or is not a directory, or for a loop (more than 40 links, as in the kernel).
 */
export function resolveLink(reader: TreeReader, path: RawPath): RawPath | undefined {
	const left = path.split('/').filter((part) => part !== '');
	let at = '' as RawPath;
	let links = 0;
	for (let part = left.shift(); part !== undefined; part = left.shift()) {
		if (part === '' || part === '.') continue;
		if (part === '..') {
			at = parentOf(at) ?? at;
			continue;
		}
		const next = joinRaw(at, part);
		const stats = reader.stat(next);
		if (stats === undefined || (left.length > 0 && !stats.isDirectory() && !stats.isSymbolicLink())) return undefined;
		if (!stats.isSymbolicLink()) {
			at = next;
			continue;
		}
		links += 1;
		if (links > 40) return undefined;
		const target = reader.readLink(next);
		if (target.startsWith('/')) at = '' as RawPath;
		left.unshift(...target.split('/').filter((name) => name !== ''));
	}
	return at;
}
