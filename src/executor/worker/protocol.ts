import type {SelectFlags} from '../../context/select-options.ts';
import type {Json} from '../../core/canonical-json.ts';
import type {DiffId, Digest} from '../../core/digest.ts';
import type {LimitInForce, LimitName, Limits} from '../../core/limits.ts';
import type {PackedItems} from '../../core/packed-items.ts';
import type {RawPath} from '../../core/raw-path.ts';
import type {TreeItem} from '../../core/tree-entry.ts';
import type {Diagnostic} from '../../diagnostics/diagnostic.ts';
import type {ControlGroupHome} from '../../isolation/control-group-home.ts';
import type {Descriptor} from '../../oci/descriptor.ts';
import type {Inventory} from '../../sbom/listed-package.ts';
import type {DriverName} from '../../rootfs/driver.ts';
import type {CompressRequest, ExportRequest} from './export-request.ts';
import type {CopiedPlaces} from '../../store/copied-layers.ts';
import type {TarEntry} from '../../tar/entry.ts';
import type {MountRequest} from './mount-request.ts';

/**
 * A layer that the worker can stack: one of the store (`blob` is where a base's bytes are, `directory` is where it is unpacked, when somebody
 * has just looked), or one of this build whose diffID is still being computed.
 */
export type LayerReference =
	| {readonly diffId: DiffId; readonly blob?: Descriptor; readonly directory?: string}
	| {readonly pending: number};

/** A layer whose diffID is known. */
export type KnownLayer = Extract<LayerReference, {readonly diffId: DiffId}>;

/** What a step stands on, bottom first. */
export interface Stack {
	/** The bottom shows the host's programs, read-only. */
	readonly host: boolean;
	readonly layers: readonly LayerReference[];
}

/** A stack with layers that commands will have made which were asked for before, by their steps: none by one that changes nothing. */
export interface ComingStack {
	readonly host: boolean;
	readonly layers: readonly (LayerReference | {readonly step: number})[];
}

export type Times =
	| {readonly kind: 'keep'}
	| {readonly kind: 'clamp'; readonly epoch: number}
	/** Times at or after the start of the step become the epoch. */
	| {readonly kind: 'since'; readonly epoch: number};

export interface StartRequest {
	readonly store: string;
	/** The live build's directory under the store's run/. */
	readonly directory: string;
	readonly driver: DriverName | 'auto';
	/** False: the worker has no namespaces and can mount nothing. */
	readonly canMount: boolean;
	/** It has a user namespace of its own. */
	readonly ownUsers: boolean;
	/** Lines of hosts(5) that steps see besides their own. */
	readonly hosts?: readonly string[];
	readonly limits?: LimitRequest;
}

/** Limits of every step, and what the command found to enforce them. */
export interface LimitRequest {
	readonly limits: Limits;
	/** Of the build; steps make theirs in it. */
	readonly group?: ControlGroupHome;
	/** Why there is no group, or one with fewer controllers. */
	readonly facts: readonly string[];
	/** Steps that run at the same time at most. */
	readonly jobs: number;
}

/** A limit that a failed step had; `hits`: how often the kernel acted on it, 0 where it does not tell. */
export interface LimitReport {
	readonly name: LimitName;
	readonly value: number;
	readonly hits: number;
}

export interface StartReply {
	readonly driver: DriverName;
	/** Why it is not the first choice; empty when it is. */
	readonly driverFacts: readonly string[];
	readonly ids: number;
	readonly limits: readonly LimitInForce[];
}

/** Architectures by their GOARCH names: of programs, and of the machine. */
export interface Foreign {
	readonly architecture: string;
	readonly machine: string;
}

export interface ExecRequest {
	/** Names the step in output events and abort calls. */
	readonly step: number;
	readonly stack: Stack;
	readonly args: readonly string[];
	readonly env: readonly (readonly [string, string])[];
	readonly user: string;
	readonly cwd: string;
	readonly network: 'host' | 'none';
	readonly script?: {readonly path: string; readonly content: string};
	readonly times: Times;
	/** Its programs are those of another machine. */
	readonly foreign?: Foreign;
	/** All capabilities of the builder, no system call filter, nothing of /proc masked. */
	readonly insecure?: boolean;
	readonly mounts?: readonly MountRequest[];
	/** Milliseconds after which it is killed. */
	readonly timeout?: number;
	/** When it fails it runs again, so what it wrote is deleted at once. */
	readonly mayRunAgain?: boolean;
	/** What it changes is deleted and makes no layer. */
	readonly discard?: true;
}

/** A layer in the making; ask `hashed` for its diffID. Undefined `pending`: nothing changed. */
export interface MadeLayer {
	readonly pending?: number;
}

export type ExecReply =
	| {
			readonly kind: 'done';
			readonly layer: MadeLayer;
			/** Directory of the step: when its layer has its diffID, what is there can go. */
			readonly leavings?: string;
			readonly cpu: number;
			readonly peakMemory: number;
			/** `uid:gid` of the USER that the namespace lacks: the command ran as that in name, with the rights of root. */
			readonly actingFor?: string;
	  }
	| {readonly kind: 'failed'; readonly exitCode: number; readonly signal?: number; readonly limits?: readonly LimitReport[]}
	| {readonly kind: 'too-late'}
	/** `facts`: why programs of another machine cannot run. */
	| {readonly kind: 'not-started'; readonly purpose: string; readonly errno: string; readonly facts?: readonly string[]};

/** An item and the directory of the host that it is in. */
export interface HostItem {
	readonly root: string;
	readonly item: TreeItem;
	/** A file that is an archive is unpacked into the destination. */
	readonly unpack: boolean;
}

/** Host items as they travel; `places` has one for each item. */
export interface PackedSources extends PackedItems {
	readonly places: readonly Omit<HostItem, 'item'>[];
}

export type CopyOrigin =
	/** Items of directories of the host. */
	| {readonly kind: 'trees'; readonly sources: PackedSources}
	/** Items of another stack's merged file system. */
	| {readonly kind: 'stack'; readonly stack: Stack; readonly items: PackedItems};

export interface CopyRequest {
	readonly stack: Stack;
	readonly origin: CopyOrigin;
	readonly inline: readonly {readonly name: string; readonly content: string}[];
	readonly destination: string;
	/** There are several sources. */
	readonly several: boolean;
	readonly chown?: string;
	readonly chmod?: string;
	/** The layer is made as if nothing were below: only names in `chown` are looked up there. */
	readonly link: boolean;
	/** Modification time of everything copied, or `keep`. */
	readonly mtime: number | 'keep';
	/** The layer may become a tar in the store: nothing of this build mounts it. */
	readonly asTar: boolean;
}

export interface WorkerMethods {
	start(request: StartRequest): StartReply;
	/** Runs when the commands that its stack names have ended; an error when one has failed. */
	exec(request: Omit<ExecRequest, 'stack'> & {readonly stack: ComingStack}): ExecReply;
	/** What of the stack decides the copy's result, for its key. */
	copyFacts(request: CopyRequest): Json;
	/** Makes the layer and tells the same facts. */
	copy(request: CopyRequest): MadeLayer & {readonly facts: Json; readonly places?: CopiedPlaces; readonly digests?: string};
	/** Waits for a layer's diffID; from then on it is in the store. */
	hashed(request: {readonly pending: number}): {readonly diffId: DiffId; readonly size: number};
	/** Somebody waits for a diffID: hashing does not wait for the next step. */
	hurry(request: null): null;
	/** Selects files of a stack and digests them. */
	select(request: {readonly stack: Stack; readonly patterns: readonly string[]; readonly flags: SelectFlags}): {
		readonly items: PackedItems;
		readonly digest: Digest;
	};
	/** Makes every layer of the stack a directory. */
	unpack(request: {readonly stack: Stack}): null;
	/** The packages of an image, by the layer that brought them. */
	packages(request: {readonly layers: readonly KnownLayer[]}): Inventory;
	/** Writes a directory of the host as a tar, owners as the namespace shows them, to a file. */
	pack(request: {readonly directory: string; readonly file: string}): null;
	export(request: ExportRequest): Json;
	/** Puts a layer into the store as a blob. */
	compress(request: CompressRequest): Descriptor;
	/** Writes the content of a regular file of the stack to standard output. */
	print(request: {readonly stack: Stack; readonly entry: TarEntry}): null;
	/** Of paths that are regular files in both stacks, those whose contents differ. */
	compare(request: {readonly one: Stack; readonly other: Stack; readonly paths: readonly RawPath[]}): readonly RawPath[];
	remove(request: {readonly paths: readonly string[]}): null;
	/** Bytes of the files of a tree. */
	measure(request: {readonly path: string}): number;
	/** Kills every running step. */
	abort(request: null): null;
}

export type Method = keyof WorkerMethods;
export type RequestOf<M extends Method> = Parameters<WorkerMethods[M]>[0];
export type ReplyOf<M extends Method> = ReturnType<WorkerMethods[M]>;

/** What became of a blob that the worker asked for. */
export type BlobNews = {readonly digest: Digest} & (
	| {readonly kind: 'coming'; readonly path: string}
	| {readonly kind: 'there'}
	/** Nobody knows where it could come from. */
	| {readonly kind: 'unknown'}
	| {readonly kind: 'failed'; readonly diagnostics: readonly Diagnostic[]}
);

export type ToWorker = {readonly id: number; readonly method: Method; readonly request: unknown} | {readonly news: BlobNews};

export type FromWorker =
	| {readonly id: number; readonly reply: unknown}
	| {readonly id: number; readonly diagnostics: readonly Diagnostic[]}
	| {readonly id: number; readonly bug: string}
	/** A blob that the store lacks. */
	| {readonly need: Descriptor}
	| {readonly output: {readonly step: number; readonly stream: 'stdout' | 'stderr'; readonly chunk: Uint8Array}};
