import type {SelectFlags} from '../../context/select-options.ts';
import type {Json} from '../../core/canonical-json.ts';
import type {Digest, DiffId} from '../../core/digest.ts';
import type {PackedItems} from '../../core/packed-items.ts';
import type {Diagnostic} from '../../diagnostics/diagnostic.ts';
import type {NamespaceIds} from '../../isolation/id-map.ts';
import type {Descriptor} from '../../oci/descriptor.ts';
import type {Inventory} from '../../sbom/listed-package.ts';
import type {TreeTasks} from '../../rootfs/tree-tasks.ts';
import type {CopiedPlaces} from '../../store/copied-layers.ts';
import type {TarEntry} from '../../tar/entry.ts';
import type {PackedSources} from './protocol.ts';

/** Names the layer that a thread keeps between `scan` or `copy` and `hash`. */
export type Held = number;

/** A tar in the store; undefined `diffId`: nothing changed, there is none. */
export interface CopiedTar {
	readonly diffId?: DiffId;
	readonly size: number;
	readonly facts: Json;
	/** Of the entries of the sources that have places, one after the other; absent when all were known before. */
	readonly digests?: string;
	/** Of the entries of the sources; absent where there is no tar. */
	readonly places?: CopiedPlaces;
}

/** What is held: how many entries, how many of them delete something, whether some change account files, how many bytes of content. */
export interface HeldLayer {
	readonly entries: number;
	readonly deletions: number;
	readonly accounts: boolean;
	readonly bytes: number;
}

export type ScanTimes =
	| {readonly kind: 'keep'}
	| {readonly kind: 'clamp'; readonly epoch: number}
	| {readonly kind: 'since'; readonly epoch: number; readonly start: number};

export interface CopyTask {
	readonly directory: string;
	/** Merged view of what is below; null: nothing. */
	readonly lower: string | null;
	/** Where names are looked up when nothing is below. */
	readonly emptyRoot: string;
	readonly sources: PackedSources;
	readonly inline: readonly {readonly name: string; readonly content: string}[];
	readonly destination: string;
	readonly several: boolean;
	readonly chown?: string;
	/** Owners stay as they are in the source unless `chown` says otherwise. */
	readonly keepOwner: boolean;
	readonly chmod?: string;
	readonly mtime: number | 'keep';
	/** Nothing of `lower` shows but the names of its users. */
	readonly link: boolean;
	readonly ids: NamespaceIds;
}

export interface SelectTask {
	readonly root: string;
	readonly patterns: readonly string[];
	readonly flags: SelectFlags;
}

export interface SelectedSources {
	readonly items: PackedItems;
	readonly digest: Digest;
}

/** Work with files, done one at a time in a thread of its own with synchronous calls. */
export interface FileTasks extends TreeTasks {
	/** Turns an upperdir into a canonical layer directory. */
	scan(task: {
		readonly held: Held;
		readonly upper: string;
		readonly lower: string | null;
		readonly between?: readonly string[];
		readonly times: ScanTimes;
		readonly mapped: NamespaceIds;
	}): HeldLayer;
	/** The layer as a directory, and what `copyFacts` says. */
	copy(task: CopyTask & {readonly held: Held}): HeldLayer & {readonly facts: Json; readonly places: CopiedPlaces};
	/** The layer as a tar among the blobs, its index, and what `copyFacts` says; `archive`: a source has to be unpacked, nothing was done. */
	copyTar(task: CopyTask & {readonly store: string}): CopiedTar | 'archive';
	copyFacts(task: CopyTask): Json;
	/** Computes the diffID of a held layer and writes its index into the store. */
	hash(task: {
		readonly held: Held;
		readonly store: string;
		readonly directory: string;
		/** Given when somebody else holds them. */
		readonly entries?: readonly TarEntry[];
	}): {readonly diffId: DiffId; readonly size: number};
	/** Gives up a held layer. */
	release(task: {readonly held: Held}): readonly TarEntry[];
	/** Extracts a blob of the store and checks its diffID. */
	unpack(task: {
		readonly store: string;
		readonly blob: Descriptor;
		/** A file that grows until it has all bytes of the blob; absent: the store has it. */
		readonly from?: string;
		/** Of shared memory; becomes 1 when nobody writes that file any more. */
		readonly givenUp?: Int32Array;
		readonly diffId: DiffId;
		readonly directory: string;
		readonly lower: string | null;
		readonly ids: NamespaceIds;
	}): {readonly size: number};
	/** Compares an unpacked layer with its index and hashes it again: true when it still is what its record claims. */
	intact(task: {readonly store: string; readonly diffId: DiffId; readonly directory: string; readonly ids: NamespaceIds}): boolean;
	select(task: SelectTask): SelectedSources;
	/** The same; `many` when it would take longer than a thread takes to start. */
	selectFew(task: SelectTask): SelectedSources | 'many';
	/** Makes the layer directory of a held layer anew on another file system. */
	move(task: {
		readonly held: Held;
		readonly from: string;
		readonly to: string;
		readonly lower: string | null;
		readonly ids: NamespaceIds;
	}): null;
	/** Makes one layer directory of a merged view. */
	merge(task: {readonly root: string; readonly directory: string; readonly ids: NamespaceIds}): null;
	/** Looks for packages in the directories of layers, bottom first. */
	packages(task: {readonly store: string; readonly layers: readonly {readonly diffId: DiffId; readonly directory: string}[]}): Inventory;
	/** Writes a directory as a tar. */
	pack(task: {readonly directory: string; readonly file: string}): null;
	/** Bytes of the files of a tree. */
	measure(task: {readonly path: string}): number;
}

export type FileTask = keyof FileTasks;
export type TaskOf<T extends FileTask> = Parameters<FileTasks[T]>[0];
export type ResultOf<T extends FileTask> = ReturnType<FileTasks[T]>;

export interface ToThread {
	readonly id: number;
	readonly name: FileTask;
	readonly task: unknown;
}

export type FromThread = {readonly id: number} & (
	| {readonly result: unknown}
	| {readonly diagnostics: readonly Diagnostic[]}
	| {readonly bug: string; readonly errno: string}
);
