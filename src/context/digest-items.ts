import {createHash} from 'node:crypto';
import type {Digest} from '../core/digest.ts';
import type {FileDigests} from './file-digests.ts';
import type {SelectedItem} from './selection.ts';

export interface DigestOptions {
	/** Owners count (file systems of stages, copied with their ids). */
	readonly ids?: boolean;
}

/**
 * Digest of all that a copy of the items can show: names, types, modes, content, link targets, which files are one inode; no times.
 * Every part is length-prefixed, so that two different selections never encode alike. Entries of files get their digests.
 */
export function digestItems(items: readonly SelectedItem[], files: FileDigests, options: DigestOptions = {}): Digest {
	const hash = createHash('sha256');
	const inodes = new Map<string, {readonly position: number; readonly digest: Digest | undefined}>();
	const parts: string[] = ['boxbuild items 1'];
	let count = 0;
	for (const item of items) {
		parts.push(`item ${item.entries.length}`, item.name);
		for (const entry of item.entries) {
			count += 1;
			parts.push(`${entry.type} ${entry.mode}${options.ids === true ? ` ${entry.uid} ${entry.gid}` : ''}`, entry.path);
			const first = entry.inode === undefined ? undefined : inodes.get(entry.inode);
			if (first !== undefined) {
				parts.push(`same as ${first.position}`);
				entry.digest = first.digest;
				continue;
			}
			if (entry.type === 'file') {
				entry.digest = files.digestOf(entry);
				parts.push(entry.digest);
			}
			if (entry.inode !== undefined) inodes.set(entry.inode, {position: count, digest: entry.digest});
			if (entry.type === 'symlink') parts.push(entry.link ?? '');
		}
	}
	hash.update(parts.map((part) => `${part.length}:${part}`).join(''), 'latin1');
	return `sha256:${hash.digest('hex')}` as Digest;
}
