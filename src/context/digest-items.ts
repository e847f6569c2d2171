import {createHash} from 'node:crypto';
import type {Digest} from '../core/digest.ts';
import type {FileDigests} from './file-digests.ts';
import type {SelectedItem} from './selection.ts';

export interface DigestOptions {
	/** Owners count (file systems of stages, copied with their ids). */
	readonly ids?: boolean;
}

/** Of text that is hashed at once. */
const pieceLength = 1 << 16;

/**
 * Digest of all that a copy of the items can show: names, types, modes, content, link targets, which files are one inode; no times.
 * Every part is length-prefixed, so that two different selections never encode alike. Entries of files get their digests.
 */
export function digestItems(items: readonly SelectedItem[], files: FileDigests, options: DigestOptions = {}): Digest {
	const hash = createHash('sha256');
	const inodes = new Map<string, {readonly position: number; readonly digest: Digest | undefined}>();
	let text = '';
	const put = (part: string): void => {
		text += `${part.length}:${part}`;
		if (text.length < pieceLength) return;
		hash.update(text, 'latin1');
		text = '';
	};
	put('boxbuild items 1');
	let count = 0;
	for (const item of items) {
		put(`item ${item.entries.length}`);
		put(item.name);
		for (const entry of item.entries) {
			count += 1;
			put(options.ids === true ? `${entry.type} ${entry.mode} ${entry.uid} ${entry.gid}` : `${entry.type} ${entry.mode}`);
			put(entry.path);
			const first = entry.inode === undefined ? undefined : inodes.get(entry.inode);
			if (first !== undefined) {
				put(`same as ${first.position}`);
				entry.digest = first.digest;
				continue;
			}
			if (entry.type === 'file') {
				entry.digest ??= files.digestOf(entry);
				put(entry.digest);
			}
			if (entry.inode !== undefined) inodes.set(entry.inode, {position: count, digest: entry.digest});
			if (entry.type === 'symlink') put(entry.link ?? '');
		}
	}
	hash.update(text, 'latin1');
	return `sha256:${hash.digest('hex')}` as Digest;
}
