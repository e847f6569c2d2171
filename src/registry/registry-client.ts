import {createHash} from 'node:crypto';
import {setMaxListeners} from 'node:events';
import type {SecureContext} from 'node:tls';
import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {registryBlocked, registryMirrorFailed, registryWrongDigest} from '../diagnostics/registry.ts';
import type {TlsSettings} from '../http/request-by-proxy.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Reference} from '../oci/reference.ts';
import type {BlobName} from '../store/blob-store.ts';
import {tlsSettingsOf, usualContext} from './certificates.ts';
import {findCredentials} from './credentials.ts';
import {type Endpoint, endpointsOf, isLoopback, type Use} from './endpoints.ts';
import {listTags} from './list-tags.ts';
import {type Pacing, usualPacing} from './pacing.ts';
import {pullBlob} from './pull-blob.ts';
import {type PulledDocument, pullDocument, resolveDocument} from './pull-document.ts';
import {type BlobContent, hasBlob, type PushedBlob, pushBlob} from './push-blob.ts';
import {pushDocument} from './push-document.ts';
import {listReferrers, pushReferrer, type Referrer} from './referrers.ts';
import {type ConfiguredRegistry, readRegistriesConf} from './registries-conf.ts';
import {RegistryFailure} from './registry-failure.ts';
import {Session} from './session.ts';
import type {Environment, RegistriesConfig} from './settings.ts';
import {subjectOf, type Tagged, type Target} from './target.ts';
import {Transport} from './transport.ts';

export interface RegistryClientSettings {
	/** For proxies, and where credentials and configuration are looked for. */
	readonly env: Environment;
	readonly config: RegistriesConfig;
	/** Ends everything. */
	readonly signal: AbortSignal;
	/** Is told about what failed without making anything fail, such as a mirror. */
	readonly noted?: (note: Diagnostic) => void;
	/** For tests. */
	readonly pacing?: Partial<Pacing>;
}

/** A repository of a registry. */
export type Repository = Pick<Reference, 'registry' | 'repository'>;

/**
 * Registries by the OCI distribution-spec 1.1 and the Docker registry API version 2. Everything throws BuildError (registry/..., base/malformed for
 * documents) or the reason of the signal. Pulls ask the mirrors of a registry before it. How much is done at a time is the caller's.
 */
export interface RegistryClient {
	/** What a tag or digest names; not verified until its document is there. */
	resolve(reference: Reference): Promise<Descriptor>;
	/** A manifest or an index, verified: the one of the descriptor, or what tag or digest name. */
	document(reference: Reference, descriptor?: Descriptor): Promise<PulledDocument>;
	/**
	 * From `offset` on (0 when it is absent), never more bytes than the blob has. Whoever takes them verifies the digest. When it is a mirror that gave
	 * wrong ones, a passing registry/wrong-digest is thrown at their end, and that mirror is not asked again: the same call then may succeed.
	 */
	blob(repository: Repository, blob: BlobName, offset?: number): AsyncIterable<Uint8Array>;
	hasBlob(repository: Repository, blob: BlobName): Promise<boolean>;
	/** `mountFrom`: repositories of the same registry that may lend the blob. */
	pushBlob(repository: Repository, content: BlobContent, options?: {readonly mountFrom?: readonly string[]}): Promise<PushedBlob>;
	/** Under the tag of the reference, or its own digest when it has none. */
	pushDocument(reference: Reference, bytes: Uint8Array, mediaType: string): Promise<Digest>;
	/** Manifests about a manifest, all or those of one artifact type. */
	referrers(repository: Repository, subject: Digest, artifactType?: string): Promise<readonly Referrer[]>;
	/** Puts a manifest whose `subject` is that digest, and makes it known among the referrers. */
	pushReferrer(repository: Repository, subject: Digest, bytes: Uint8Array, mediaType: string): Promise<Digest>;
	tags(repository: Repository): Promise<readonly string[]>;
	/** Ends what is still going on (it throws an AbortError then) and lets all connections go. */
	close(): void;
}

/** Connections and tokens are kept until it is closed. Nothing is read or asked before it is used. */
export function openRegistry(settings: RegistryClientSettings): RegistryClient {
	const registries = new Registries(settings);
	const {pacing} = registries;
	return {
		resolve: (reference) => registries.pull(reference, useOf(reference), (target) => resolveDocument(target, reference)),
		document: (reference, descriptor) =>
			registries.pull(reference, useOf(descriptor ?? reference), (target) => pullDocument(target, reference, descriptor)),
		blob: (repository, blob, offset = 0) => registries.blob(repository, blob, offset),
		hasBlob: async (repository, blob) => hasBlob(await registries.home(repository), blob),
		pushBlob: async (repository, content, {mountFrom = []} = {}) => pushBlob(await registries.home(repository), content, mountFrom, pacing),
		pushDocument: async (reference, bytes, mediaType) =>
			(await pushDocument(await registries.home(reference), reference, bytes, mediaType)).digest,
		referrers: async (repository, subject, artifactType) => listReferrers(await registries.home(repository), subject, artifactType),
		pushReferrer: async (repository, subject, bytes, mediaType) =>
			pushReferrer(await registries.home(repository), subject, bytes, mediaType),
		tags: async (repository) => listTags(await registries.home(repository)),
		close: () => registries.close(),
	};
}

function useOf({digest}: Tagged): Use {
	return digest === undefined ? 'pull-tag' : 'pull-digest';
}

/** A mirror is soon given up: there is another place. */
const mirrorAttempts = 2;

class Registries {
	readonly pacing: Pacing;
	readonly #settings: RegistryClientSettings;
	/** Ends with the signal of the settings. It has as many listeners as there are requests, which Node warns of. */
	readonly #abort = new AbortController();
	readonly #transport: Transport;
	readonly #sessions = new Map<string, Session>();
	readonly #tls = new Map<string, TlsSettings>();
	/** Hosts for which plain http, or any certificate, is good enough. */
	readonly #insecure = new Set<string>();
	/** Names of mirrors that are not asked again. */
	readonly #givenUp = new Set<string>();
	#usual: SecureContext | undefined;
	#machine: Promise<readonly ConfiguredRegistry[]> | undefined;

	constructor(settings: RegistryClientSettings) {
		this.#settings = settings;
		this.pacing = {...usualPacing, ...settings.pacing};
		const {env, signal} = settings;
		setMaxListeners(0, this.#abort.signal);
		if (signal.aborted) this.#endWith();
		else signal.addEventListener('abort', this.#endWith);
		this.#transport = new Transport({env, signal: this.#abort.signal, pacing: this.pacing, tlsOf: (host) => this.#tlsOf(host)});
	}

	/** The registry itself, for everything that a mirror cannot know. */
	async home(repository: Repository): Promise<Target> {
		const [endpoint] = await this.#endpoints(repository, 'push');
		return this.#target(endpoint as Endpoint);
	}

	async pull<T>(repository: Repository, use: Use, work: (target: Target) => Promise<T>): Promise<T> {
		for (const endpoint of await this.#endpoints(repository, use)) {
			try {
				return await work(this.#target(endpoint));
			} catch (error) {
				this.#passOver(endpoint, error);
			}
		}
		throw new Error('the registry itself is always the last endpoint');
	}

	async *blob(repository: Repository, blob: BlobName, offset: number): AsyncGenerator<Uint8Array> {
		const endpoints = await this.#endpoints(repository, 'pull-digest');
		// The registry's own bytes are verified by whoever takes them; of a part nobody can tell whose fault it is.
		const hash = endpoints[0]?.isMirror === true && offset === 0 ? createHash('sha256') : undefined;
		const givers: Endpoint[] = [];
		let at = offset;
		for (const endpoint of endpoints) {
			if (at === blob.size) break;
			const before = at;
			try {
				for await (const chunk of pullBlob(this.#target(endpoint), blob, at, this.pacing)) {
					at += chunk.length;
					hash?.update(chunk);
					yield chunk;
				}
			} catch (error) {
				this.#passOver(endpoint, error);
			}
			if (at > before) givers.push(endpoint);
		}
		const digest = hash === undefined ? blob.digest : `sha256:${hash.digest('hex')}`;
		if (digest === blob.digest) return;
		const subject = subjectOf(this.#target(givers[0] as Endpoint), blob);
		const failure = new RegistryFailure(registryWrongDigest(subject, blob.digest, digest), {isPassing: true});
		for (const mirror of givers.filter(({isMirror}) => isMirror)) this.#giveUp(mirror, failure);
		throw failure;
	}

	close(): void {
		this.#settings.signal.removeEventListener('abort', this.#endWith);
		// Otherwise what is tried again would go on when nobody waits for it any more.
		this.#abort.abort(new DOMException('the connections to registries were closed', 'AbortError'));
		this.#transport.close();
	}

	readonly #endWith = (): void => this.#abort.abort(this.#settings.signal.reason);

	/** Throws what is no failure of a mirror. */
	#passOver(endpoint: Endpoint, error: unknown): void {
		if (!endpoint.isMirror || !(error instanceof BuildError)) throw error;
		// One that answers may have other things.
		if (error instanceof RegistryFailure && error.status !== undefined) this.#note(endpoint, error);
		else this.#giveUp(endpoint, error);
	}

	#giveUp(endpoint: Endpoint, error: BuildError): void {
		this.#givenUp.add(endpoint.name);
		this.#note(endpoint, error);
	}

	#note({name}: Endpoint, error: BuildError): void {
		const [found] = error.diagnostics;
		this.#settings.noted?.(registryMirrorFailed(name, [found?.message, ...(found?.because ?? [])].join('; ')));
	}

	async #endpoints(repository: Repository, use: Use): Promise<readonly Endpoint[]> {
		this.#machine ??= readRegistriesConf(this.#settings.env);
		const machine = await this.#machine;
		const {endpoints, blocked} = endpointsOf(repository, use, {config: this.#settings.config, machine});
		if (blocked !== undefined) throw new BuildError(registryBlocked(`${repository.registry}/${repository.repository}`, blocked));
		return endpoints.filter(({isMirror, name}) => !isMirror || !this.#givenUp.has(name));
	}

	#target({host, repository, name, isMirror, insecure}: Endpoint): Target {
		if (insecure) this.#insecure.add(host);
		let session = this.#sessions.get(host);
		if (session === undefined) {
			const {env} = this.#settings;
			const {signal} = this.#abort;
			session = new Session({
				host,
				signal,
				pacing: this.pacing,
				transport: this.#transport,
				credentials: (part) => findCredentials(host, part, {env, signal}),
				mayBePlain: (other) => isLoopback(other) || this.#insecure.has(other),
			});
			this.#sessions.set(host, session);
		}
		return {session, repository, name, ...(isMirror ? {attempts: mirrorAttempts} : {})};
	}

	async #tlsOf(host: string): Promise<TlsSettings> {
		const {config, env} = this.#settings;
		let found = this.#tls.get(host);
		if (found === undefined) {
			// Docker Hub is configured by the host of its names, and the usual port may be written.
			const hosts = [host, ...(host === 'registry-1.docker.io' ? ['docker.io'] : []), ...(/:\d+$/v.test(host) ? [] : [`${host}:443`])];
			const key = hosts.find((name) => Object.hasOwn(config, name));
			const own = key === undefined ? {} : config[key];
			const usual = (): SecureContext => (this.#usual ??= usualContext(env));
			found = tlsSettingsOf(hosts, {...own, insecure: hosts.some((name) => this.#insecure.has(name))}, {env, usual});
			this.#tls.set(host, found);
		}
		return found;
	}
}
