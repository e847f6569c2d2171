import type {Source, Span} from '../core/source.ts';
import type {Healthcheck, Platform, RunConfig} from '../oci/image-config.ts';
import type {Budget} from './budget.ts';
import type {RunMount} from './run-mount.ts';

/** Where a stage's file system starts. */
export type BaseReference =
	| {readonly kind: 'scratch'}
	| {readonly kind: 'host'}
	/** A name of the local store, and when that has none, of a registry. */
	| {readonly kind: 'name'; readonly name: string; readonly platform?: PlatformText}
	/** `path` is relative to the context directory unless absolute. */
	| {
			readonly kind: 'oci' | 'oci-archive' | 'docker-archive' | 'tar' | 'dir';
			readonly path: string;
			readonly tag?: string;
			readonly platform?: PlatformText;
	  };

/** `linux/arm64`; in a reference only when FROM asks for another platform than the build has. */
export type PlatformText = string;

/** One text form of a base reference, the key under which resolved bases are handed to `compile`. */
export type BaseName = string;

export type CopyFrom =
	/** The build context, one that the command line gave a name, or the directory of another Boxfile (with its path as a BoxfileReference has it). */
	| {readonly kind: 'context'; readonly name?: string; readonly boxfile?: string}
	/** The file system after the step with this id. */
	| {readonly kind: 'step'; readonly step: number}
	| {readonly kind: 'base'; readonly base: BaseReference};

export type CopySource =
	/** A pattern of Go's path.Match, relative to the source's root, as written after expansion. */
	| {readonly kind: 'path'; readonly pattern: string; readonly span: Span}
	/** A heredoc: a file of this name and content, mode 0644. */
	| {readonly kind: 'inline'; readonly name: string; readonly content: string}
	| UrlSource
	| GitSource;

/** ADD of a file over HTTP. */
export interface UrlSource {
	readonly kind: 'url';
	readonly url: string;
	/** Of the file inside a destination directory. */
	readonly name: string;
	/** `sha256:HEX` that the bytes must have. */
	readonly checksum?: string;
	readonly span: Span;
}

/** ADD of a git repository: the tree of a commit, or a directory of it. */
export interface GitSource {
	readonly kind: 'git';
	readonly repository: string;
	/** Branch, tag, whole reference name or commit; absent: HEAD. */
	readonly ref?: string;
	readonly subdir?: string;
	readonly keepGitDir: boolean;
	/** Absent: they are fetched. */
	readonly submodules?: false;
	/** Beginning of the commit, 7 to 40 hex digits. */
	readonly checksum?: string;
	readonly span: Span;
}

/** `chmod` as written: octal digits or symbolic; parsed and checked by the instruction. */
export interface CopyOp {
	readonly kind: 'copy';
	readonly from: CopyFrom;
	readonly sources: readonly CopySource[];
	/** Absolute POSIX path; a trailing `/` says it is a directory. */
	readonly destination: string;
	/** `USER[:GROUP]`, names or numbers; absent: 0:0. */
	readonly chown?: string;
	readonly chmod?: string;
	/** ADD: unpack a local source whose content is a tar archive (any compression that is supported). */
	readonly unpack: boolean;
	/** ADD --unpack=true: the same for what comes from a URL. */
	readonly unpackRemote?: true;
	/** Patterns of moby/patternmatcher: what they match is not copied. */
	readonly exclude?: readonly string[];
	/** The path of a source below its root (or below its `/./`) is kept at the destination. */
	readonly parents?: true;
	/** The layer is made without looking at the file system below. */
	readonly link?: true;
}

/** WORKDIR: makes the directory (and missing parents, 0755 root) when it does not exist. */
export interface MakeDirectoryOp {
	readonly kind: 'make-directory';
	readonly path: string;
	/** The USER in force, who then owns what is made (as BuildKit does); absent: root. */
	readonly owner?: string;
}

export interface ExecOp {
	readonly kind: 'exec';
	/** The whole argument vector: the shell form is already `[...SHELL, text]`. */
	readonly args: readonly string[];
	/** In order of declaration: environment of the image, then build arguments the step can see. */
	readonly env: readonly (readonly [name: string, value: string])[];
	/** Names of `env` that do not enter the key: proxies from the command line that no ARG declares. */
	readonly unkeyed?: readonly string[];
	/** `USER[:GROUP]` as declared; empty: root. */
	readonly user: string;
	readonly cwd: string;
	readonly network: 'host' | 'none';
	/** A heredoc that starts with `#!`: bound read-only at `path` (mode 0755) for the time of the step. */
	readonly script?: {readonly path: string; readonly content: string};
	/** `--mount`; absent: none. */
	readonly mounts?: readonly RunMount[];
	/** `--security=insecure`, where it stands: all capabilities of the builder, no system call filter, nothing of /proc masked. */
	readonly insecure?: Span;
	/** CHECK: what it changes is thrown away. */
	readonly discard?: true;
}

/** CHECK: compares what the image holds so far with budgets. */
export interface BudgetsOp {
	readonly kind: 'budgets';
	readonly budgets: readonly Budget[];
}

export interface BaseOp {
	readonly kind: 'base';
	readonly base: BaseReference | {readonly kind: 'step'; readonly step: number};
	readonly platform: Platform;
}

/** An instruction that changes the image's configuration only. */
export interface ConfigOp {
	readonly kind: 'config';
}

/** Closed on purpose: most instructions lower to one of these. */
export type Op = BaseOp | ExecOp | CopyOp | MakeDirectoryOp | BudgetsOp | ConfigOp;

/** What never enters a key. */
export interface Hints {
	/** The step runs in every build. */
	readonly noCache: boolean;
	/** How often a failing command runs again; absent: never. */
	readonly retry?: number;
	readonly timeout?: TimeLimit;
	/** Milliseconds that a remembered result may be old; absent: for ever. */
	readonly cacheTtl?: number;
}

/** How long an attempt of a command may take. */
export interface TimeLimit {
	readonly milliseconds: number;
	/** As written, and where. */
	readonly text: string;
	readonly span: Span;
}

/** The place a step comes from. */
export interface Origin {
	readonly source: Source;
	readonly span: Span;
	/** The instruction on one line, for people and for the image's history. */
	readonly text: string;
}

export interface Step {
	/** Position in `Plan.steps`. */
	readonly id: number;
	/** The step whose file system this one starts from; absent for a base. */
	readonly parent?: number;
	readonly op: Op;
	readonly hints: Hints;
	readonly origin: Origin;
	/** `created_by` of the image's history; absent for a base and for what leaves no history (ARG has one in BuildKit's images: keep it so). */
	readonly createdBy?: string;
	readonly stage: number;
}

export interface Stage {
	readonly index: number;
	readonly name?: string;
	readonly platform: Platform;
	/** Step ids in order; the first is the base. */
	readonly steps: readonly number[];
	/** The configuration after the last step (the base's, changed by the stage's instructions). */
	readonly config: RunConfig;
	readonly author?: string;
	/** True when it starts, directly or through stages, from `host`: its result can be copied from but not be an image. */
	readonly host: boolean;
}

/** Only what the target needs, in file order: a step's id is greater than the ids of everything it depends on. */
export interface Plan {
	readonly steps: readonly Step[];
	readonly stages: readonly Stage[];
	/** Index into `stages`. */
	readonly target: number;
}

export type {Healthcheck};
