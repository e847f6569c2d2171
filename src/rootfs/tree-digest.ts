import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readSync} from 'node:fs';
import {canonicalJson} from '../core/canonical-json.ts';
import type {Digest} from '../core/digest.ts';
import {textOf} from '../core/raw-path.ts';
import type {TreeEntry, TreeItem} from '../core/tree-entry.ts';
import {copySourceChanged} from '../diagnostics/archive.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {TreePaths} from '../host/tree-paths.ts';
import {readXattrs} from './layer-xattrs.ts';

const buffer = Buffer.allocUnsafeSlow(1 << 20);

/** Digest of all that a copy from a stage can carry over: names, types, modes, owners, link targets, xattrs, links and contents; not times. */
export function treeDigest(root: string, items: readonly TreeItem[]): Digest {
	const paths = new TreePaths(root);
	const hash = createHash('sha256');
	try {
		for (const item of items) {
			hash.update(`${canonicalJson([item.name, item.isDirectory, item.entries.length])}\n`);
			/** Inode to the position of its first name: inode numbers themselves mean nothing. */
			const linked = new Map<string, number>();
			for (const [position, entry] of item.entries.entries()) hash.update(`${line(paths, entry, position, linked)}\n`);
		}
		return `sha256:${hash.digest('hex')}` as Digest;
	} finally {
		paths.close();
	}
}

function line(paths: TreePaths, entry: TreeEntry, position: number, linked: Map<string, number>): string {
	const first = entry.inode === undefined ? undefined : linked.get(entry.inode);
	if (first !== undefined) return canonicalJson([entry.path, 'link', first]);
	if (entry.inode !== undefined) linked.set(entry.inode, position);
	const at = paths.at(entry.source);
	const xattrs = entry.type === 'file' || entry.type === 'directory' ? readXattrs(at).carried : undefined;
	const content = entry.type === 'file' ? contentDigest(at, entry) : null;
	return canonicalJson([entry.path, entry.type, entry.mode, entry.uid, entry.gid, entry.link ?? null, xattrs ?? null, content]);
}

function contentDigest(at: Buffer, entry: TreeEntry): string {
	const hash = createHash('sha256');
	const fd = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	let size = 0;
	try {
		for (let got = readSync(fd, buffer); got > 0; got = readSync(fd, buffer)) {
			hash.update(buffer.subarray(0, got));
			size += got;
		}
	} finally {
		closeSync(fd);
	}
	if (size !== entry.size) throw new BuildError(copySourceChanged(textOf(entry.source)));
	return hash.digest('hex');
}
