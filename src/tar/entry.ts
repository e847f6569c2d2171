import type {RawPath} from '../core/raw-path.ts';

export type EntryType = 'file' | 'directory' | 'symlink' | 'hardlink' | 'fifo' | 'char' | 'block';

/** One member of a layer as data. A deletion is an entry of type `file` named `.wh.NAME` (see whiteout.ts). */
export interface TarEntry {
	/** Without leading or trailing `/`. */
	readonly path: RawPath;
	readonly type: EntryType;
	/** Permission bits with setuid, setgid, sticky: 0 to 0o7777. */
	readonly mode: number;
	/** 0 to 2^32 - 2. */
	readonly uid: number;
	readonly gid: number;
	/** Bytes of content; 0 for everything but `file`. */
	readonly size: number;
	/** Whole seconds since 1970, also negative. */
	readonly mtime: number;
	/** Target bytes (latin1): of a symlink as it stands, of a hard link the path of an earlier entry. */
	readonly link?: string;
	readonly device?: {readonly major: number; readonly minor: number};
	/** Name (as the kernel names it) to value bytes (latin1). */
	readonly xattrs?: Readonly<Record<string, string>>;
}
