import type {OwnerService} from './owner-service.ts';
import type {StepSpec} from './step-spec.ts';

/** How a command ended. CPU in microseconds, memory in KiB (getrusage(2)). */
export interface StepEnd {
	readonly exitCode: number;
	/** Number of the signal that killed it; exitCode is then 128 + signal. */
	readonly signal?: number;
	readonly userTime: number;
	readonly systemTime: number;
	readonly peakMemory: number;
}

/** The step could not be started: what was tried and what the kernel said. */
export interface StepFailure {
	readonly purpose: string;
	readonly errno: number;
}

export interface StepEvents {
	output(stream: 'stdout' | 'stderr', chunk: Buffer): void;
	/** Its first process has been started. */
	started(): void;
	/** Its command is about to start, and the runner has nothing to do before it ends. May be called several times, or never for one that fails before. */
	running(): void;
	/** The root is mounted: layer directories may be renamed again. Called once, also when the step never got so far. */
	mounted(): void;
}

/** `gone`: the kernel has taken its mounts back. */
export type StepResult = {readonly end: StepEnd; readonly gone: Promise<void>} | {readonly failure: StepFailure};

/** A way to start a step in a sandbox. The signal kills its whole process tree. */
export interface StepRunner {
	readonly name: string;
	/** Gets ready for a step that is likely to come next. Throws what `run` would. */
	foresee(spec: StepSpec): void;
	run(spec: StepSpec, events: StepEvents, signal: AbortSignal): Promise<StepResult>;
}

/** A step runner that can be chosen; `directory` takes what it needs to write while steps start, `owners` answers calls about ids. */
export interface StepRunnerKind {
	readonly name: string;
	open(directory: string, owners: OwnerService): StepRunner;
}
