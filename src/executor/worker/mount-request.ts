import type {TreeItem} from '../../core/tree-entry.ts';
import type {MountAttributes} from '../../plan/run-mount.ts';
import type {Stack} from './protocol.ts';

interface Targeted {
	readonly target: string;
}

/** Selected files of a directory of the host. */
export interface SelectedFiles {
	readonly root: string;
	readonly item: TreeItem;
	/** Of everything, or `keep`. */
	readonly mtime: number | 'keep';
}

/** The step sees a copy of them. */
export interface FilesRequest extends Targeted, SelectedFiles {
	readonly kind: 'files';
	readonly writable: boolean;
}

/** A path of another file system. */
export interface TreeRequest extends Targeted {
	readonly kind: 'tree';
	readonly stack: Stack;
	readonly path: string;
	readonly writable: boolean;
}

export type CacheSeed = ({readonly kind: 'files'} & SelectedFiles) | {readonly kind: 'tree'; readonly stack: Stack; readonly path: string};

export interface CacheRequest extends Targeted {
	readonly kind: 'cache';
	/** Hex digits; names the directory below the store's mounts/. */
	readonly name: string;
	readonly sharing: 'shared' | 'private' | 'locked';
	readonly writable: boolean;
	/** Directory of the cache that is mounted. */
	readonly path: string;
	/** What a new one is filled with. */
	readonly seed?: CacheSeed;
	readonly attributes: MountAttributes;
}

export interface TmpfsRequest extends Targeted {
	readonly kind: 'tmpfs';
	readonly size?: number;
	readonly writable: boolean;
}

/** A secret as a file. */
export interface SecretRequest extends Targeted {
	readonly kind: 'secret';
	readonly content: Uint8Array;
	readonly attributes: MountAttributes;
}

export interface AgentRequest extends Targeted {
	readonly kind: 'ssh';
	/** Absolute path of the socket on the host. */
	readonly socket: string;
	readonly attributes: MountAttributes;
}

/** A secret as a variable. */
export interface SecretVariable {
	readonly kind: 'variable';
	readonly name: string;
	readonly content: Uint8Array;
}

export type TargetedRequest = FilesRequest | TreeRequest | CacheRequest | TmpfsRequest | SecretRequest | AgentRequest;

/** A mount with all that the worker needs. */
export type MountRequest = TargetedRequest | SecretVariable;
