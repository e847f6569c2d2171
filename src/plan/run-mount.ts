import type {Span} from '../core/source.ts';
import type {CopyFrom} from './plan.ts';

interface Placed {
	/** Where it is written. */
	readonly span: Span;
}

/** Who owns a file or directory that is made for a mount. */
export interface MountAttributes {
	readonly mode: number;
	readonly uid: number;
	readonly gid: number;
}

/** Files of the context or of another file system, by content. */
export interface BindMount extends Placed {
	readonly kind: 'bind';
	/** Absolute and clean, as every target. */
	readonly target: string;
	readonly from: CopyFrom;
	/** Relative to the root of `from`, clean; empty: all of it. */
	readonly source: string;
	/** The step may write; what it writes is thrown away. */
	readonly writable: boolean;
}

/** A directory that outlives the build. */
export interface CacheMount extends Placed {
	readonly kind: 'cache';
	readonly target: string;
	readonly id: string;
	readonly sharing: 'shared' | 'private' | 'locked';
	readonly writable: boolean;
	/** What a new cache starts with; absent: nothing. */
	readonly from?: CopyFrom;
	/** A directory of `from`, or without that of the cache itself. */
	readonly source: string;
	/** Of a new cache directory. */
	readonly attributes: MountAttributes;
}

export interface TmpfsMount extends Placed {
	readonly kind: 'tmpfs';
	readonly target: string;
	/** Bytes; absent: as much as the kernel gives. */
	readonly size?: number;
	readonly writable: boolean;
}

/** A value of the command line, as a file, a variable, or both. */
export interface SecretMount extends Placed {
	readonly kind: 'secret';
	readonly id: string;
	readonly target?: string;
	readonly env?: string;
	readonly required: boolean;
	readonly attributes: MountAttributes;
}

/** The socket of an agent. */
export interface SshMount extends Placed {
	readonly kind: 'ssh';
	readonly id: string;
	readonly target: string;
	readonly required: boolean;
	readonly attributes: MountAttributes;
}

/** What a RUN sees besides its file system, in the order it is written. */
export type RunMount = BindMount | CacheMount | TmpfsMount | SecretMount | SshMount;
