import type {Json} from '../core/canonical-json.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {TreeWorker} from './tree-tasks.ts';

/** A read-only merged view of a stack of layer directories. */
export interface View {
	/** Directory to read through; valid until it is closed. */
	readonly path: string;
	close(): Promise<void>;
}

/** Where a step's writable root is, or how a step program mounts it (StepSpec.root). */
export type StepMount =
	| {
			readonly kind: 'overlay';
			readonly lowers: readonly string[];
			readonly upper: string;
			readonly work: string;
			readonly lowerByLower: boolean;
	  }
	/** Something is mounted there already. */
	| {readonly kind: 'mounted'; readonly path: string}
	/** A plain directory. */
	| {readonly kind: 'directory'; readonly path: string};

export interface StepRoot {
	readonly mount: StepMount;
	/**
	 * Ends what serves the root. What the step changed is in the upperdir returned, which exists until `close`; to be called once, after the step.
	 * Somebody else has moved away and back what is at `untouched`, where the root is a directory.
	 */
	changes(untouched?: readonly RawPath[]): Promise<string>;
	/** The changes became a layer directory, or there were none: whoever asks for a root on top of that may get this one. */
	reuse?(layer: string | undefined): Promise<void>;
	/** Frees everything that is not on the store's file system in the directory of the request. */
	close(): Promise<void>;
}

/** What a driver needs for a root. */
export interface RootRequest {
	/** Layer directories, topmost first, at least one. */
	readonly lowers: readonly string[];
	/** An empty directory on the store's file system. */
	readonly directory: string;
}

/** A way to stack layer directories. All drivers give upperdirs that `scanUpper` turns into the same layer. */
export interface RootfsDriver {
	readonly name: DriverName;
	/** False: upperdirs are elsewhere, and a layer directory is copied from one to the store's file system. */
	readonly uppersInStore: boolean;
	/** False: the mark of a deletion must be the overlay's device (deletion-mark.ts). */
	readonly readsAnyMark: boolean;
	/** Bytes of the longest path that `view` and `root` take as a lowerdir, however many there are; 0: names must be as short as can be. */
	readonly longestLower: number;
	/** `lowers` topmost first, at least one; `mountpoint` a path that the driver may make. */
	view(lowers: readonly string[], mountpoint: string): Promise<View>;
	root(request: RootRequest): Promise<StepRoot>;
	/** Gets ready for a root that is likely to be asked for next, where it depends on nothing but the request; what it will give to be mounted. */
	foresee?(request: RootRequest): StepMount;
	/** The same as a view, at `mountpoint` for other mounts to be made of; with `write` it can be written to. */
	attach(request: AttachRequest): Promise<View>;
	/** Frees everything that is not on the store's file system. */
	close(): void;
}

export interface AttachRequest {
	/** Topmost first, at least one. */
	readonly lowers: readonly string[];
	readonly mountpoint: string;
	/** An empty directory on the store's file system, for what is written. */
	readonly write?: string;
}

/** The best first. */
export const driverNames = ['overlay', 'overlay-tmpfs', 'fuse', 'copy'] as const;

export type DriverName = (typeof driverNames)[number];

/** What a probe saw. `facts` are sentences for people. */
export interface DriverProbe {
	readonly works: boolean;
	readonly facts: readonly string[];
	/** What results of it can differ in from those of other drivers; such a driver is used only when it is asked for by name. */
	readonly faults?: readonly string[];
}

/** What a driver works with. */
export interface DriverPlace {
	/** A directory of its own on the store's file system. */
	readonly directory: string;
	/** Gives whoever is least busy. */
	readonly workers: () => TreeWorker;
	/** What a former build has seen here, or else what looking shows. */
	readonly once: <T extends Json>(what: string, look: () => T) => T;
}

export interface DriverKind {
	readonly name: DriverName;
	/** True when it needs no mount. */
	readonly mountless: boolean;
	/** Tries the real operations in `directory` (empty, on the store's file system), inside the namespace, and leaves it empty. */
	probe(directory: string): Promise<DriverProbe>;
	/** Makes the driver. */
	open(place: DriverPlace): RootfsDriver;
}
