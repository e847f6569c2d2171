import type {OwnerRules} from './owner-answers.ts';

/** A step whose calls about ids the thread answers from now on; the descriptor becomes the thread's. */
export interface ToOwnerThread {
	readonly step: number;
	readonly listener: number;
	readonly rules: OwnerRules;
	/** An eventfd that is written to when there is another message. */
	readonly wake: number;
}

/** The step has ended. */
export interface FromOwnerThread {
	readonly step: number;
}
