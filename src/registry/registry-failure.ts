import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {
	registryDenied,
	registryNeedsInsecure,
	registryNotFound,
	registryRateLimited,
	registryRefused,
	registryTls,
	registryUnavailable,
	registryUnreachable,
	registryUnsupportedAnswer,
	type Refusal,
} from '../diagnostics/registry.ts';
import type {Trouble} from './trouble.ts';

/** What a registry, or the way to it, did not do. */
export class RegistryFailure extends BuildError {
	/** Trying again may help. */
	readonly isPassing: boolean;
	/** Of the answer; absent when there was none. */
	readonly status?: number;
	/** Milliseconds that the registry asks to wait. */
	readonly wait?: number;

	constructor(
		diagnostic: Diagnostic,
		options: {readonly isPassing?: boolean; readonly status?: number; readonly wait?: number | undefined; readonly cause?: unknown} = {},
	) {
		super(diagnostic, {cause: options.cause});
		this.isPassing = options.isPassing ?? false;
		if (options.status !== undefined) this.status = options.status;
		if (options.wait !== undefined) this.wait = options.wait;
	}
}

/** Statuses after which the same request may succeed: the server is busy, or what stands before it has lost it. */
export const passingStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** An answer with another status than one of those that were expected. Not for 401. */
export function failureOfStatus(status: number, refusal: Refusal, wait?: number): RegistryFailure {
	const options = {status, wait, isPassing: passingStatuses.has(status)};
	// Docker Hub and others say so with other statuses, too.
	if (status === 429 || refusal.said.some((line) => line.startsWith('TOOMANYREQUESTS')))
		return new RegistryFailure(registryRateLimited(refusal), options);
	if (status === 403) return new RegistryFailure(registryDenied(refusal), options);
	if (status === 404) return new RegistryFailure(registryNotFound(refusal.subject, refusal.said), options);
	if (status >= 500 || status === 408) return new RegistryFailure(registryUnavailable(refusal), options);
	if (status >= 400) return new RegistryFailure(registryRefused(refusal), options);
	return new RegistryFailure(registryUnsupportedAnswer(refusal.subject, refusal.host, refusal.said.join('; ')), options);
}

export function failureOfTrouble(trouble: Trouble, subject: string, host: string): RegistryFailure {
	const options = {cause: trouble, isPassing: trouble.kind === 'unreachable'};
	switch (trouble.kind) {
		case 'tls':
			return new RegistryFailure(registryTls(host, trouble.message), options);
		case 'plain':
			return new RegistryFailure(registryNeedsInsecure(host, trouble.message), options);
		case 'malformed':
			return new RegistryFailure(registryUnsupportedAnswer(subject, host, trouble.message), options);
		case 'unreachable':
			return new RegistryFailure(registryUnreachable(subject, host, trouble.message), options);
	}
}

/** For an answer that cannot be what was asked for. */
export function unsupported(subject: string, host: string, problem: string): RegistryFailure {
	return new RegistryFailure(registryUnsupportedAnswer(subject, host, problem));
}
