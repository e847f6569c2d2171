import type {DiffId, Digest, StepKey} from '../core/digest.ts';

/** How much is told: without values of arguments, names of secrets, and steps, or with them (as BuildKit's modes). */
export type ProvenanceMode = 'min' | 'max';

/** Something that the build took from elsewhere (in-toto attestation, spec/v1/resource_descriptor.md). */
export interface ProvenanceDependency {
	readonly name?: string;
	/** Credentials in it are not printed. */
	readonly uri?: string;
	/** Lower-case hex by algorithm: `sha256`, `gitCommit`, or `boxbuildItems1` (digest of all that a copy can show of files). */
	readonly digest?: Readonly<Record<string, string>>;
}

/** One step of the plan that ran, or whose result was remembered. */
export interface ProvenanceStep {
	readonly id: number;
	readonly stage: string;
	/** On one line, as in the Boxfile. */
	readonly instruction: string;
	/** Absent for what has no result of its own. */
	readonly key?: StepKey;
	/** The layer that it added. */
	readonly diffId?: DiffId;
}

/** How an image was built. */
export interface ProvenanceInput {
	readonly mode: ProvenanceMode;
	/** Of the manifest. */
	readonly digest: Digest;
	readonly names: readonly string[];
	readonly boxfile: {readonly name: string; readonly digest: Digest};
	readonly target?: string;
	/** `linux/amd64`. */
	readonly platform: string;
	readonly args: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	/** Ids only. */
	readonly secrets: readonly string[];
	readonly agents: readonly string[];
	readonly network: 'host' | 'none';
	/** Whole seconds since 1970 that files and documents are dated with; `keep`: their real times. */
	readonly epoch: number | 'keep';
	readonly dependencies: readonly ProvenanceDependency[];
	readonly steps: readonly ProvenanceStep[];
	/** URI of who runs the builder; absent: nobody in particular. */
	readonly builderId?: string;
	/** RFC 3339; absent: the statement of a build is always the same. */
	readonly times?: {readonly started: string; readonly finished: string};
}
