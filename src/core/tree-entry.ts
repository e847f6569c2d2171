import type {Digest} from './digest.ts';
import type {RawPath} from './raw-path.ts';

/** One file of a source tree (build context, file system of a stage) that a copy selects. */
export interface TreeEntry {
	/** Where its content is, relative to the root of the tree. */
	readonly source: RawPath;
	/** Relative to the item it belongs to; the empty path is the item itself. */
	readonly path: RawPath;
	readonly type: 'file' | 'directory' | 'symlink' | 'fifo';
	/** 0 to 0o7777. */
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
	readonly size: number;
	/** Whole seconds since 1970. */
	readonly mtime: number;
	/** Target of a symlink, bytes as latin1. */
	readonly link?: string;
	/** Equal strings: the same inode (hard links of one another). Only set when the file has several links. */
	readonly inode?: string;
	/** Of a file's content as the key of the step has it; a copy whose bytes differ is refused. */
	digest?: Digest | undefined;
}

/** What one source of a copy (after wildcards) selects. */
export interface TreeItem {
	/** Last component of the selected path: the name a file gets inside a destination directory. */
	readonly name: RawPath;
	/** A directory's contents are copied into the destination, a file itself. */
	readonly isDirectory: boolean;
	/** Parents before children, siblings in byte order; the first is the item itself (path is empty). */
	readonly entries: readonly TreeEntry[];
}
