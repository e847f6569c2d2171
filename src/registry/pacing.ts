import {setTimeout} from 'node:timers/promises';

/** Everything about time, so that tests need not wait. */
export interface Pacing {
	/** How often something that may pass is tried in a row without any progress. */
	readonly attempts: number;
	/** Milliseconds without a byte, and for the headers of an answer, after which an exchange is given up. */
	readonly patience: number;
	/** Bytes that have to come in each time of patience: an answer that drips is given up, too. */
	readonly leastBytes: number;
	/** Milliseconds that a registry may need to check a blob which is complete. */
	readonly commitPatience: number;
	/** Waits; rejects with the reason of the signal. */
	pause(milliseconds: number, signal: AbortSignal): Promise<void>;
	/** From 0 to below 1. */
	random(): number;
	/** Milliseconds on a clock that never goes back. */
	now(): number;
}

export const usualPacing: Pacing = {
	attempts: 5,
	patience: 30_000,
	leastBytes: 4096,
	commitPatience: 600_000,
	async pause(milliseconds, signal) {
		signal.throwIfAborted();
		await setTimeout(milliseconds, undefined, {signal}).catch((error: unknown) => {
			signal.throwIfAborted();
			throw error;
		});
	},
	random: Math.random,
	now: () => performance.now(),
};

const firstDelay = 500;
const longestDelay = 30_000;
/** Longer waits that a registry asks for are for people to decide on. */
export const longestAskedDelay = 120_000;

/** Milliseconds before the attempt that follows `failures`: doubled each time, half of it by chance, or what Retry-After asks for. */
export function delayAfter(failures: number, random: () => number, asked?: number): number {
	const usual = Math.min(longestDelay, firstDelay * 2 ** Math.min(failures - 1, 16));
	return Math.max(asked ?? 0, Math.round(usual * (0.5 + random() / 2)));
}

/** Milliseconds of a Retry-After header (RFC 9110, 10.2.3), by the Date header of the same answer when it is a date. */
export function parseRetryAfter(value: string | undefined, date: string | undefined): number | undefined {
	if (value === undefined) return undefined;
	if (/^\d{1,9}$/v.test(value)) return Number(value) * 1000;
	const until = Date.parse(value);
	const from = Date.parse(date ?? '');
	return Number.isNaN(until) || Number.isNaN(from) ? undefined : Math.max(0, until - from);
}
