import {isLoopback} from './endpoints.ts';
import {Authorizer, type AuthorizerSettings, type Purpose} from './authorizer.ts';
import {follow, nextUrl} from './follow.ts';
import {delayAfter, longestAskedDelay, parseRetryAfter, type Pacing} from './pacing.ts';
import {failureOfStatus, failureOfTrouble, passingStatuses, RegistryFailure, unsupported} from './registry-failure.ts';
import {readBody, whatItSaid} from './said.ts';
import type {Answer, Request, Transport} from './transport.ts';
import {Trouble} from './trouble.ts';

export interface SessionSettings extends Pick<AuthorizerSettings, 'host' | 'credentials' | 'mayBePlain'> {
	readonly transport: Transport;
	readonly pacing: Pacing;
	readonly signal: AbortSignal;
}

export interface Asking extends Omit<Request, 'url' | 'headers'> {
	/** From the root of the registry, with its query; or a place that the registry named. */
	readonly path: string | URL;
	readonly headers?: Readonly<Record<string, string>>;
	readonly purpose: Purpose;
	/** Every other status is thrown. */
	readonly expected: readonly number[];
	/** How often it is tried; as often as usual when absent. */
	readonly attempts?: number;
}

/** Everything with one registry: its protocol, who asks it, and trying again. */
export class Session {
	/** For messages: Docker Hub by the name under which people log in. */
	readonly host: string;
	readonly #settings: SessionSettings;
	readonly #authorizer: Authorizer;
	#origin: Promise<string> | undefined;

	constructor(settings: SessionSettings) {
		this.host = settings.host === 'registry-1.docker.io' ? 'docker.io' : settings.host;
		this.#settings = settings;
		this.#authorizer = new Authorizer({
			...settings,
			host: this.host,
			exchange: (request, authorization) => follow(settings.transport, request, authorization),
			origin: () => this.#settle(),
			now: settings.pacing.now,
		});
	}

	/** An answer with one of the expected statuses; its body has to be read or disposed. Throws RegistryFailure. */
	async ask(asking: Asking): Promise<Answer> {
		return this.#tried(asking, async (answer) => answer);
	}

	/** The same with its body, which is undefined when it has more bytes than the limit. */
	async askBody(asking: Asking, limit: number): Promise<{readonly answer: Answer; readonly bytes: Buffer | undefined}> {
		return this.#tried(asking, async (answer) => ({answer, bytes: await readBody(answer, limit)}));
	}

	async #tried<T>(asking: Asking, use: (answer: Answer) => Promise<T>): Promise<T> {
		const attempts = asking.attempts ?? this.#settings.pacing.attempts;
		for (let failures = 1; ; failures += 1) {
			try {
				return await use(await this.#attempt(asking));
			} catch (error) {
				const failure = this.#failure(error, asking.purpose.subject);
				if (failures >= attempts || !(failure instanceof RegistryFailure) || !failure.isPassing) throw failure;
				await this.pauseAfter(failure, failures);
			}
		}
	}

	/** Waits before the next attempt, at least as long as the registry asks for. Throws the failure when that is too long. */
	async pauseAfter(failure: RegistryFailure, failures: number): Promise<void> {
		const {pacing, signal} = this.#settings;
		if ((failure.wait ?? 0) > longestAskedDelay) throw failure;
		await pacing.pause(delayAfter(failures, pacing.random, failure.wait), signal);
	}

	/** Where a Location of an answer leads. A registry behind a proxy that ends TLS may say http of itself: https is meant. Throws RegistryFailure. */
	placeOf(answer: Answer, subject: string): URL {
		const {location} = answer.headers;
		if (location === undefined || location === '') throw unsupported(subject, this.host, 'its answer has no `Location`');
		const own =
			answer.url.protocol === 'https:'
				? location.replace(/^http:\/\/([^\/?#]+)/v, (all, host: string) => (host === answer.url.host ? `https://${host}` : all))
				: location;
		try {
			return nextUrl(answer.url, own);
		} catch (error) {
			throw this.#failure(error, subject);
		}
	}

	#failure(error: unknown, subject: string): unknown {
		return error instanceof Trouble ? failureOfTrouble(error, subject, this.host) : error;
	}

	async #attempt(asking: Asking): Promise<Answer> {
		const {purpose, path, expected, method, headers = {}} = asking;
		const origin = await this.#settle();
		const url = typeof path === 'string' ? new URL(path, origin) : path;
		const request: Request = {...asking, method, url, headers};
		const isOwn = url.origin === origin;
		const used = isOwn ? await this.#authorizer.header(purpose) : undefined;
		let answer = await follow(this.#settings.transport, request, used);
		// What another host asks for after a redirect is not answered.
		if (answer.status === 401 && isOwn && answer.url.origin === origin) {
			const renewed = await this.#authorizer.renewed(answer.headers['www-authenticate'], purpose, used);
			if (renewed === undefined) throw await this.#authorizer.unauthorized(purpose, await whatItSaid(answer));
			answer.dispose();
			answer = await follow(this.#settings.transport, request, renewed);
			if (answer.status === 401 && answer.url.origin === origin)
				throw await this.#authorizer.unauthorized(purpose, await whatItSaid(answer));
		}
		if (expected.includes(answer.status)) return answer;
		const wait = passingStatuses.has(answer.status) ? parseRetryAfter(answer.headers['retry-after'], answer.headers.date) : undefined;
		const isSame = answer.url.origin === origin;
		const said = await whatItSaid(answer, isSame ? 'the registry' : `\`${answer.url.host}\`, to which the registry redirects,`);
		throw failureOfStatus(answer.status, {subject: purpose.subject, host: this.host, said}, wait);
	}

	/** https; where http is good enough, that when nothing else is spoken. Found out once. */
	#settle(): Promise<string> {
		this.#origin ??= this.#findOrigin();
		this.#origin.catch(() => (this.#origin = undefined));
		return this.#origin;
	}

	async #findOrigin(): Promise<string> {
		const {host, mayBePlain} = this.#settings;
		// The form in which the origins of answers come: without a port that goes without saying.
		const secure = new URL(`https://${host}`).origin;
		const plain = new URL(`http://${host}`).origin;
		if (!mayBePlain(host)) return secure;
		// On this machine there is nobody in between; preparing encryption takes longer (30 ms) than asking.
		if (isLoopback(host) && (await this.#speaksPlainly(plain))) return plain;
		try {
			await this.#greet(secure);
			return secure;
		} catch (error) {
			// A certificate that is wrong is no reason to do without any.
			if (!(error instanceof Trouble) || error.kind === 'tls') throw error;
			const status = await this.#greet(plain);
			// So a server of https answers what is not.
			if (status === 400) throw error;
			return plain;
		}
	}

	/** True for the answers of a registry: those of a server of https to what is not encrypted are others. */
	async #speaksPlainly(origin: string): Promise<boolean> {
		try {
			return [200, 401].includes(await this.#greet(origin));
		} catch (error) {
			if (error instanceof Trouble) return false;
			throw error;
		}
	}

	/** The status of the answer to a question that tells nothing of who asks. */
	async #greet(origin: string): Promise<number> {
		const answer = await this.#settings.transport.exchange({method: 'GET', url: new URL('/v2/', origin), headers: {}});
		answer.dispose();
		return answer.status;
	}
}
