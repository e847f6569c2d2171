import {type ChainId, chainOf, chainOn, type DiffId, emptyChain, sha256} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {StoredLayer} from '../store/layer-store.ts';
import type {LayerReference, Stack} from './worker/protocol.ts';

export interface LayerIdentity {
	readonly diffId: DiffId;
	readonly size: number;
}

/** A layer of a build; the diffID of one that was just made is still being computed. */
export interface LayerHandle {
	readonly reference: LayerReference;
	readonly identity: Promise<LayerIdentity>;
	/** The identity when it is known from the beginning. */
	readonly known?: LayerIdentity;
	/** Tells that somebody waits for the identity, which is otherwise computed when there is time. */
	readonly hurry?: () => void;
}

/** A layer whose diffID is known. */
export interface BaseLayer {
	readonly diffId: DiffId;
	/** Where the bytes of a base's layer are. */
	readonly blob: Descriptor | undefined;
	/** What the store has of it. */
	readonly stored: StoredLayer | undefined;
}

/** An immutable stack of layers with its chainID. */
export class LayerStack {
	static readonly scratch: LayerStack = new LayerStack(false, [], Promise.resolve(emptyChain), emptyChain);

	readonly layers: readonly LayerHandle[];
	readonly host: boolean;
	readonly chain: Promise<ChainId>;
	/** The chainID when it is known already. */
	known: ChainId | undefined;

	private constructor(host: boolean, layers: readonly LayerHandle[], chain: Promise<ChainId>, known?: ChainId) {
		this.host = host;
		this.layers = layers;
		this.chain = chain;
		this.known = known;
		chain.then(
			(value) => {
				this.known = value;
			},
			() => {},
		);
	}

	/** A stage that starts from the host; `identity` changes with the host's programs. */
	static onHost(identity: string): LayerStack {
		const chain = sha256(identity) as string as ChainId;
		return new LayerStack(true, [], Promise.resolve(chain), chain);
	}

	/** Those of a base, all at once. */
	static ofStored(layers: readonly BaseLayer[], chain?: ChainId): LayerStack {
		const known = chain ?? chainOf(layers.map(({diffId}) => diffId));
		const handles = layers.map((layer) => handleOf(layer, layer.stored?.size ?? 0));
		return new LayerStack(false, handles, Promise.resolve(known), known);
	}

	withStored(diffId: DiffId, size: number, {stored}: {readonly stored?: StoredLayer} = {}): LayerStack {
		const known = this.known === undefined ? undefined : chainOn(this.known, diffId);
		const chain = known === undefined ? this.chain.then((below) => chainOn(below, diffId)) : Promise.resolve(known);
		return new LayerStack(this.host, [...this.layers, handleOf({diffId, blob: undefined, stored}, size)], chain, known);
	}

	withPending(handle: LayerHandle): LayerStack {
		const chain = Promise.all([this.chain, handle.identity]).then(([below, {diffId}]) => chainOn(below, diffId));
		return new LayerStack(this.host, [...this.layers, handle], chain);
	}

	/** The chainID for somebody who can do nothing without it. */
	awaitChain(): Promise<ChainId> {
		this.hurry();
		return this.chain;
	}

	/** To be called before waiting for identities of layers. */
	hurry(): void {
		if (this.known === undefined) this.layers.findLast(({hurry}) => hurry !== undefined)?.hurry?.();
	}

	/** As the worker takes it. */
	get stack(): Stack {
		return {host: this.host, layers: this.layers.map((layer) => layer.reference)};
	}
}

function handleOf({diffId, blob, stored}: BaseLayer, size: number): LayerHandle {
	// Member by member: a base may have hundreds.
	const reference: {diffId: DiffId; blob?: Descriptor; directory?: string} = {diffId};
	if (blob !== undefined) reference.blob = blob;
	if (stored?.verified === true && stored.directory !== undefined) reference.directory = stored.directory;
	const known = {diffId, size};
	return {reference, identity: Promise.resolve(known), known};
}
