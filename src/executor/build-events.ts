import type {Digest} from '../core/digest.ts';
import type {LimitInForce} from '../core/limits.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Platform} from '../oci/image-config.ts';
import type {Plan, Step} from '../plan/plan.ts';

/** How a step ended. */
export type StepOutcome = 'hit' | 'ran' | 'failed';

/** How far a blob is. */
export interface Transfer {
	readonly kind: 'pull' | 'push';
	readonly digest: Digest;
	readonly bytes: number;
	readonly size: number;
}

/** What a build tells while it goes on; times are milliseconds. */
export interface BuildEvents {
	warned(diagnostics: readonly Diagnostic[]): void;
	/** `platform`: when there are several. */
	planned(plan: Plan, platform?: Platform): void;
	/** The worker runs: which driver and ids it uses, whether steps have namespaces, why it is not better, and the limits of steps. */
	workerStarted(about: {
		readonly driver: string;
		readonly ids: string;
		readonly isConfined: boolean;
		readonly facts: readonly string[];
		readonly limits: readonly LimitInForce[];
	}): void;
	stepStarted(step: Step): void;
	stepOutput(step: Step, chunk: Uint8Array): void;
	stepEnded(step: Step, outcome: StepOutcome, milliseconds: number): void;
	exporting(description: string): void;
	/** Often: a layer that is on its way from or to a registry. */
	transferred(transfer: Transfer): void;
}
