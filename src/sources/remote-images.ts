import type {Descriptor} from '../oci/descriptor.ts';
import type {RegistryClient, Repository} from '../registry/registry-client.ts';

/** When names are looked up in registries: when the store lacks them, always, or never. */
export type PullPolicy = 'missing' | 'always' | 'never';

/** Images of registries. */
export interface RemoteImages {
	readonly policy: PullPolicy;
	registry(): Promise<RegistryClient>;
	/** Says who knows where a layer that is needed later can be had. */
	expect(layer: Descriptor, from: () => Repository): void;
}
