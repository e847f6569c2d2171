import {hash} from 'node:crypto';

declare const brand: unique symbol;
interface Brand<Name extends string> {
	readonly [brand]: Name;
}

/** `sha256:` + 64 lower-case hex digits of exact bytes (OCI image-spec, descriptor.md#digests). */
export type Digest = string & Brand<'digest'>;
/** Digest of a layer's uncompressed tar (OCI image-spec, config.md#layer-diffid). */
export type DiffId = string & Brand<'diffId'>;
/** Digest of a stack of layers (OCI image-spec, config.md#layer-chainid). The empty stack is `emptyChain`. */
export type ChainId = string & Brand<'chainId'>;
/** Digest of everything that can change a step's result except the content below it. */
export type StepKey = string & Brand<'stepKey'>;

/** ChainID of a stack without layers (`FROM scratch`); outside the digest space on purpose. */
export const emptyChain = 'scratch' as ChainId;

export function sha256(bytes: Uint8Array | string): Digest {
	return `sha256:${hash('sha256', bytes, 'hex')}` as Digest;
}

/** Returns the text as a digest, or undefined unless it is exactly `sha256:` and 64 lower-case hex digits. */
export function parseDigest(text: string): Digest | undefined {
	return /^sha256:[0-9a-f]{64}$/v.test(text) ? (text as Digest) : undefined;
}

/** The 64 hex digits, safe as a file name. */
export function hexOf(digest: Digest | DiffId | ChainId | StepKey): string {
	return digest.slice(digest.indexOf(':') + 1);
}

/** ChainID of `diffId` on top of `parent` (OCI image-spec, config.md#layer-chainid). */
export function chainOn(parent: ChainId, diffId: DiffId): ChainId {
	return parent === emptyChain ? (diffId as string as ChainId) : (sha256(`${parent} ${diffId}`) as string as ChainId);
}

export function chainOf(diffIds: readonly DiffId[]): ChainId {
	return diffIds.reduce(chainOn, emptyChain);
}
