import {isObject} from '../oci/bounded-json.ts';
import type {Json} from '../core/canonical-json.ts';
import {registryUnauthorized} from '../diagnostics/registry.ts';
import type {Credentials} from './auth-file.ts';
import {type Challenge, parseChallenges} from './challenge.ts';
import type {FoundCredentials} from './credentials.ts';
import {RegistryFailure, failureOfStatus, passingStatuses, unsupported} from './registry-failure.ts';
import {readBody, whatItSaid} from './said.ts';
import type {Answer, Request} from './transport.ts';

/** What an exchange is for. */
export interface Purpose {
	/** For messages. */
	readonly subject: string;
	/** For credentials that are for a part of a registry. */
	readonly repository: string;
	/** `repository:NAME:pull,push` and the like (distribution, "Token Scope Documentation"). */
	readonly scopes: readonly string[];
}

export interface AuthorizerSettings {
	readonly host: string;
	readonly credentials: (repository: string) => Promise<FoundCredentials>;
	/** One exchange with redirects, see `follow`. */
	readonly exchange: (request: Request, authorization: string | undefined) => Promise<Answer>;
	/** That of the registry, found out before anything is asked of it. */
	readonly origin: () => Promise<string>;
	/** Whether plain http is good enough for a host. */
	readonly mayBePlain: (host: string) => boolean;
	/** Milliseconds. */
	readonly now: () => number;
}

interface Token {
	readonly header: string;
	/** Milliseconds on the clock of `now`. */
	readonly until: number;
}

const tokenLimit = 256 * 1024;
/** The least that a token lasts, and what one without a time lasts (distribution, "Token Authentication Specification"). */
const leastLife = 60;

/**
 * Shows one registry who asks, in the way that it asked for the first time it refused. Passwords go to that registry (Basic) or to the token server
 * that the registry itself names in its 401 (Bearer), as Docker does it: the registry could as well hand the password on. Three rules narrow it: the
 * credentials are those of exactly this host and port; a challenge counts only when the registry's own origin sent it, never one after a redirect; a
 * token server is asked by https, unless the registry itself is not, and plain http is good enough for the token server's host, too.
 */
export class Authorizer {
	readonly #settings: AuthorizerSettings;
	readonly #tokens = new Map<string, Promise<Token>>();
	readonly #found = new Map<string, Promise<FoundCredentials>>();
	#challenge: Challenge | undefined;

	constructor(settings: AuthorizerSettings) {
		this.#settings = settings;
	}

	/** The value of Authorization, or none while nobody has asked. */
	async header(purpose: Purpose): Promise<string | undefined> {
		if (this.#challenge === undefined) return undefined;
		if (this.#challenge.scheme === 'basic') return basicHeader((await this.#credentials(purpose.repository)).credentials);
		const key = purpose.scopes.toSorted().join(' ');
		const known = this.#tokens.get(key);
		if (known !== undefined) {
			const token = await known;
			if (token.until > this.#settings.now()) return token.header;
		}
		if (this.#tokens.get(key) === known) {
			const asked = this.#askToken(this.#challenge, purpose);
			this.#tokens.set(key, asked);
			asked.catch(() => this.#tokens.delete(key));
		}
		return (await this.#tokens.get(key))?.header;
	}

	/** The same after a 401 to a request with the header `used`. Undefined when nothing else can be shown. Throws RegistryFailure. */
	async renewed(header: string | undefined, purpose: Purpose, used: string | undefined): Promise<string | undefined> {
		const challenges = parseChallenges(header ?? '');
		const challenge = challenges.find(({scheme}) => scheme === 'bearer') ?? challenges.find(({scheme}) => scheme === 'basic');
		if (challenge === undefined) return undefined;
		this.#challenge = challenge;
		if (challenge.scheme === 'bearer' && used !== undefined) {
			const key = purpose.scopes.toSorted().join(' ');
			// Somebody else may have renewed it meanwhile.
			if ((await this.#tokens.get(key)?.catch(() => undefined))?.header === used) this.#tokens.delete(key);
		}
		const next = await this.header(purpose);
		return next === used ? undefined : next;
	}

	/** For a request that stays refused. */
	async unauthorized({subject, repository}: Purpose, said: readonly string[]): Promise<RegistryFailure> {
		const {looked, from} = await this.#credentials(repository);
		return new RegistryFailure(registryUnauthorized({subject, host: this.#settings.host, said}, looked, from), {status: 401});
	}

	#credentials(repository: string): Promise<FoundCredentials> {
		const known = this.#found.get(repository) ?? this.#settings.credentials(repository);
		this.#found.set(repository, known);
		return known;
	}

	async #askToken({parameters}: Challenge, purpose: Purpose): Promise<Token> {
		const {host, exchange, now} = this.#settings;
		const {subject, repository} = purpose;
		const realm = await this.#tokenServer(parameters['realm'] ?? '', subject);
		const {credentials} = await this.#credentials(repository);
		const asked = now();
		const service = parameters['service'];
		const scopes = withScopesOf(parameters['scope'], purpose.scopes);
		const request =
			credentials?.kind === 'identity'
				? exchangeRequest(realm, service, scopes, credentials.token)
				: tokenRequest(realm, service, scopes, credentials);
		const answer = await exchange(request, credentials?.kind === 'password' ? basicHeader(credentials) : undefined);
		if (answer.status !== 200) {
			const said = await whatItSaid(answer, 'the token server');
			// GitHub's says 403 to those who may not see a name.
			if ([400, 401, 403, 404].includes(answer.status)) throw await this.unauthorized(purpose, said);
			const failure = failureOfStatus(answer.status, {subject, host, said});
			throw passingStatuses.has(answer.status) ? failure : unsupported(subject, host, said.join('; '));
		}
		const token = parseToken(await readBody(answer, tokenLimit));
		if (token === undefined) throw unsupported(subject, host, 'its token server gives no token');
		return {header: `Bearer ${token.text}`, until: asked + token.life * 900};
	}

	async #tokenServer(text: string, subject: string): Promise<URL> {
		const {host, mayBePlain, origin} = this.#settings;
		if (!URL.canParse(text)) throw unsupported(subject, host, 'it names a token server that is no URL');
		const url = new URL(text);
		const isPlain = url.protocol === 'http:' && mayBePlain(url.host) && (await origin()).startsWith('http:');
		if (url.protocol !== 'https:' && !isPlain)
			throw unsupported(subject, host, `it names a token server that is not asked by https: \`${url.origin}\``);
		url.username = '';
		url.password = '';
		url.hash = '';
		return url;
	}
}

function basicHeader(credentials: Credentials | undefined): string | undefined {
	if (credentials?.kind !== 'password') return undefined;
	return `Basic ${Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64')}`;
}

function tokenRequest(realm: URL, service: string | undefined, scopes: readonly string[], credentials: Credentials | undefined): Request {
	const url = new URL(realm);
	if (service !== undefined) url.searchParams.append('service', service);
	for (const scope of scopes) url.searchParams.append('scope', scope);
	if (credentials?.kind === 'password') url.searchParams.append('account', credentials.user);
	return {method: 'GET', url, headers: {}};
}

/** An identity token is a refresh token of OAuth 2.0 (distribution, "OAuth2 Token Authentication"; RFC 6749, 6). */
function exchangeRequest(realm: URL, service: string | undefined, scopes: readonly string[], token: string): Request {
	const form = new URLSearchParams({
		grant_type: 'refresh_token',
		...(service === undefined ? {} : {service}),
		scope: scopes.join(' '),
		client_id: 'boxbuild',
		refresh_token: token,
	});
	const body = Buffer.from(form.toString());
	const headers = {'content-type': 'application/x-www-form-urlencoded'};
	return {method: 'POST', url: realm, headers, body: {size: body.length, open: () => [body]}};
}

/** The scopes that are needed, and of those in the challenge the ones about something else. */
function withScopesOf(challenged: string | undefined, wanted: readonly string[]): readonly string[] {
	const subjectOf = (scope: string): string => scope.slice(0, scope.lastIndexOf(':'));
	const known = new Set(wanted.map(subjectOf));
	const others = (challenged ?? '').split(' ').filter((scope) => scope !== '' && !known.has(subjectOf(scope)));
	return [...wanted, ...others.slice(0, 8)];
}

function parseToken(bytes: Buffer | undefined): {readonly text: string; readonly life: number} | undefined {
	let document: Json;
	try {
		document = JSON.parse(bytes?.toString('utf8') ?? '') as Json;
	} catch {
		return undefined;
	}
	if (!isObject(document)) return undefined;
	const {token, access_token: accessToken, expires_in: seconds} = document;
	const text = typeof token === 'string' && token !== '' ? token : accessToken;
	if (typeof text !== 'string' || !/^[\x21-\x7E]+$/v.test(text)) return undefined;
	return {text, life: typeof seconds === 'number' && seconds > 0 ? seconds : leastLife};
}
