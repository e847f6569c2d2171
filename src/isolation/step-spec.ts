import type {Owner} from '../core/owner-mark.ts';
import type {Architecture} from './architecture.ts';
import type {OwnerRules} from './owner-answers.ts';

/** How the step's root file system gets mounted. Relative paths are resolved in the directory where the step program starts. */
export type RootMount =
	| {
			readonly kind: 'overlay';
			/** Topmost first; at least one. */
			readonly lowers: readonly string[];
			readonly upper: string;
			readonly work: string;
			/** False: one option string for mount(2) instead of `lowerdir+` (Linux 6.8). */
			readonly lowerByLower: boolean;
	  }
	/** Something is mounted there already. */
	| {readonly kind: 'mounted'; readonly path: string}
	/** A plain directory of the builder. */
	| {readonly kind: 'directory'; readonly path: string};

/** A file or directory of the builder or the host that the step sees. */
export interface Bind {
	readonly source: string;
	/** Absolute path in the step's root, resolved inside it. */
	readonly target: string;
	/** A target that does not exist there makes the bind be left out instead of an error. */
	readonly optional: boolean;
	/** Absent: read-only. */
	readonly writable?: boolean;
	/** Nobody else uses the source while the step runs: where nothing can be mounted, it is moved to its place and back. */
	readonly own?: boolean;
}

/** Everything a step program needs to know. */
export interface StepSpec {
	readonly architecture: Architecture;
	/** False: the step has a root directory of its own (chroot(2)) and nothing more; binds and masks do not count then. */
	readonly hasNamespaces: boolean;
	readonly root: RootMount;
	/** An empty directory of the builder, where the root is mounted before the switch. */
	readonly mountpoint: string;
	readonly binds: readonly Bind[];
	/** Paths that exist in this kernel's /proc and /sys and are hidden or made read-only. */
	readonly masks: MaskedPaths;
	/** Keeps all capabilities of the builder and installs no system call filter. */
	readonly insecure: boolean;
	readonly hostname: string;
	readonly network: 'host' | 'none';
	readonly args: readonly string[];
	readonly env: readonly string[];
	readonly cwd: string;
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
	/** False where the user namespace has one id and the kernel refuses setgroups. */
	readonly canSetGroups: boolean;
	/** The builder answers the step's calls about ids that the user namespace lacks (owner-answers.ts). */
	readonly answers?: AnsweredCalls;
	/** Hard limit of open files that the step inherits; the soft limit is 1024. */
	readonly maxFiles: number;
	readonly limits?: StepLimits;
	/** Where the program file is put, which holds the environment: a directory that is no disk; absent: the runner's. */
	readonly programDirectory?: string;
}

/** How a step is limited; nothing where it is not. */
export interface StepLimits {
	/** File `cgroup.procs` of the step's control group. */
	readonly members?: string;
	/** RLIMIT_DATA, bytes. */
	readonly data?: number;
	/** RLIMIT_NPROC. */
	readonly processes?: number;
	/** Numbers of those that it may run on. */
	readonly processors?: readonly number[];
}
/** All calls that have to do with ids: there is but one. Or those that give files to ids beyond the largest ones. */
export type AnsweredCalls = {readonly rules: OwnerRules} & (
	| {readonly which: 'every-id'}
	| {readonly which: 'far-ids'; readonly largest: Owner}
);

export interface MaskedPaths {
	readonly files: readonly string[];
	readonly directories: readonly string[];
	readonly readOnly: readonly string[];
}
