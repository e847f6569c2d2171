import type {DiffId} from '../core/digest.ts';

export interface Platform {
	readonly os: string;
	/** GOARCH name: amd64, arm64, ... */
	readonly architecture: string;
	readonly variant?: string;
}

/** Durations in nanoseconds, as Docker's image spec has them. */
export interface Healthcheck {
	readonly Test?: readonly string[];
	readonly Interval?: number;
	readonly Timeout?: number;
	readonly StartPeriod?: number;
	readonly StartInterval?: number;
	readonly Retries?: number;
}

/** The `config` member (OCI image-spec, config.md#properties, and Docker's additions OnBuild, Shell, Healthcheck). */
export interface RunConfig {
	readonly User?: string;
	readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>;
	readonly Env?: readonly string[];
	readonly Entrypoint?: readonly string[];
	readonly Cmd?: readonly string[];
	readonly Volumes?: Readonly<Record<string, Record<string, never>>>;
	readonly WorkingDir?: string;
	readonly Labels?: Readonly<Record<string, string>>;
	readonly StopSignal?: string;
	readonly Healthcheck?: Healthcheck;
	readonly OnBuild?: readonly string[];
	readonly Shell?: readonly string[];
	readonly ArgsEscaped?: boolean;
}

export interface History {
	readonly created?: string;
	readonly created_by?: string;
	readonly author?: string;
	readonly comment?: string;
	readonly empty_layer?: boolean;
}

/** An image configuration document (OCI image-spec, config.md). */
export interface ImageConfig {
	readonly created?: string;
	readonly author?: string;
	readonly architecture: string;
	readonly os: string;
	readonly variant?: string;
	readonly config?: RunConfig;
	readonly rootfs: {readonly type: 'layers'; readonly diff_ids: readonly DiffId[]};
	readonly history?: readonly History[];
}
