/** A read-only merged view of a stack of layer directories. */
export interface View {
	/** Directory to read through; valid until it is closed. */
	readonly path: string;
	close(): Promise<void>;
}

/** Where a step's writable root is mounted or how a step program mounts it (StepSpec.root). */
export type StepMount =
	| {
			readonly kind: 'overlay';
			readonly lowers: readonly string[];
			readonly upper: string;
			readonly work: string;
			readonly lowerByLower: boolean;
	  }
	| {readonly kind: 'mounted'; readonly path: string};

export interface StepRoot {
	readonly mount: StepMount;
	/** Ends what serves the root; afterwards `upper` holds what the step changed. */
	close(): Promise<void>;
}

/** What a driver needs for a root: layer directories topmost first, and empty directories of its own on one file system. */
export interface RootRequest {
	readonly lowers: readonly string[];
	readonly upper: string;
	readonly work: string;
	/** A path that the driver may make a directory at and mount on. */
	readonly mountpoint: string;
}

/** A way to stack layer directories. All drivers leave an upperdir that `scanUpper` turns into the same layer. */
export interface RootfsDriver {
	readonly name: DriverName;
	/** `lowers` topmost first, at least one; `mountpoint` as in RootRequest. */
	view(lowers: readonly string[], mountpoint: string): Promise<View>;
	root(request: RootRequest): Promise<StepRoot>;
	/** The same as a view, mounted at `mountpoint` for other mounts to be made of; with `write` it can be written to. */
	attach(request: AttachRequest): Promise<View>;
}

export interface AttachRequest {
	/** Topmost first, at least one. */
	readonly lowers: readonly string[];
	readonly mountpoint: string;
	/** Paths of two empty directories on one file system. */
	readonly write?: {readonly upper: string; readonly work: string};
}

export type DriverName = 'overlay' | 'fuse';

/** What a probe saw. `facts` are sentences for people. */
export interface DriverProbe {
	readonly works: boolean;
	readonly facts: readonly string[];
}

export interface DriverKind {
	readonly name: DriverName;
	/** Tries the real operations in `directory` (empty, on the store's file system), inside the namespace. */
	probe(directory: string): Promise<DriverProbe>;
	/** Makes the driver; `directory` as for the probe. */
	open(directory: string): RootfsDriver;
}
