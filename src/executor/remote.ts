import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {RegistryClient, Repository} from '../registry/registry-client.ts';
import type {Environment, RegistriesConfig} from '../registry/settings.ts';
import type {PullPolicy, RemoteImages} from '../sources/remote-images.ts';
import type {Store} from '../store/open-store.ts';
import type {Transfer} from './build-events.ts';
import {Downloads} from './downloads.ts';

/** What a command says about registries. */
export interface RemoteRequest {
	readonly policy: PullPolicy;
	readonly config: RegistriesConfig;
	/** Where credentials, certificates and proxies are looked for. */
	readonly env: Environment;
}

export interface RemoteOptions {
	readonly store: Store;
	readonly signal: AbortSignal;
	readonly noted: (note: Diagnostic) => void;
	readonly progressed: (transfer: Transfer) => void;
}

/** The registries of one command: connections are made when they are first needed. */
export class Remote implements RemoteImages {
	readonly policy: PullPolicy;
	readonly downloads: Downloads;
	readonly #request: RemoteRequest;
	readonly #options: RemoteOptions;
	#client: Promise<RegistryClient> | undefined;

	constructor(request: RemoteRequest, options: RemoteOptions) {
		this.policy = request.policy;
		this.#request = request;
		this.#options = options;
		this.downloads = new Downloads({
			store: options.store,
			registry: () => this.registry(),
			signal: options.signal,
			progressed: ({digest, size}, bytes) => options.progressed({kind: 'pull', digest, bytes, size}),
		});
	}

	registry(): Promise<RegistryClient> {
		this.#client ??= this.#open();
		return this.#client;
	}

	async #open(): Promise<RegistryClient> {
		const {openRegistry} = await import('../registry/registry-client.ts');
		const {env, config} = this.#request;
		const {signal, noted} = this.#options;
		return openRegistry({env, config, signal, noted});
	}

	expect(layer: Descriptor, from: () => Repository): void {
		this.downloads.expect(layer, from);
	}

	async close(): Promise<void> {
		(await this.#client?.catch(() => {}))?.close();
	}
}
