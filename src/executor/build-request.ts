import type {Limits} from '../core/limits.ts';
import type {Source} from '../core/source.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {Annotation} from '../oci/annotations.ts';
import type {Platform} from '../oci/image-config.ts';
import type {NamedContexts} from '../plan/named-context.ts';
import type {DriverName} from '../rootfs/driver.ts';

import type {AttestationRequest} from './attestations.ts';
import type {RemoteRequest} from './remote.ts';

/** Whole seconds since 1970, and where they come from: a given epoch also caps the times of files that steps unpack. */
export type Epoch = {readonly kind: 'default' | 'given'; readonly seconds: number} | {readonly kind: 'keep'; readonly seconds: number};

/** Values by id, read when a step needs them: a function, so that nothing prints or stores one by accident. */
export type Secrets = ReadonlyMap<string, () => Uint8Array>;

/** An SSH agent of the person who builds, or private keys for one of the build's own; absolute paths. */
export type Agent = {readonly kind: 'socket'; readonly path: string} | {readonly kind: 'keys'; readonly files: readonly string[]};

/** By id. */
export type Agents = ReadonlyMap<string, Agent>;

/** Everything a build depends on. */
export interface BuildRequest {
	/** Absolute path of the store. */
	readonly store: string;
	/** Absolute path of the context directory. */
	readonly context: string;
	/** The context was received, and with it perhaps the Boxfile: neither may see other files of this machine. */
	readonly isForeign: boolean;
	/** `--build-context`. */
	readonly contexts: NamedContexts;
	readonly boxfile: Source;
	/** Absolute path of the Boxfile, for its own ignore file; absent when it came from standard input. */
	readonly boxfilePath?: string;
	readonly target?: string;
	readonly buildArgs: Readonly<Record<string, string>>;
	readonly labels: Readonly<Record<string, string>>;
	readonly annotations: readonly Annotation[];
	/** Of the image; several make an index. */
	readonly platforms: readonly Platform[];
	/** Of this machine. */
	readonly buildPlatform: Platform;
	/** Whole reference names. */
	readonly tags: readonly string[];
	readonly outputs: readonly OutputSpec[];
	readonly epoch: Epoch;
	readonly remote: RemoteRequest;
	readonly attestations: AttestationRequest;
	/** `true`: no step is looked up; names: the steps of those stages are not. */
	readonly noCache: boolean | readonly string[];
	readonly network: 'host' | 'none';
	/** Lines of hosts(5) that steps see besides their own. */
	readonly hosts: readonly string[];
	/** `--allow security.insecure`. */
	readonly allowInsecure: boolean;
	readonly secrets: Secrets;
	readonly agents: Agents;
	readonly driver: DriverName | 'auto';
	readonly ids: IdModeName | 'auto';
	/** Of every step; they never enter a key. */
	readonly limits: Limits;
	/** Steps that run at the same time at most. */
	readonly jobs: number;
}
