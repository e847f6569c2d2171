import type {Digest} from '../core/digest.ts';
import {parseReference} from '../oci/reference.ts';
import type {Memo} from './memo.ts';

/** A repository of a registry that had a blob. */
export interface BlobOrigin {
	readonly registry: string;
	readonly repository: string;
}

const keyOf = (digest: Digest) => ({kind: 'origin', version: 1, digest}) as const;

/** Notes where a blob that the store lacks can be had: images that were built on it have other names than the one it came by. */
export function noteOrigin(memo: Memo, digest: Digest, {registry, repository}: BlobOrigin): void {
	const known = originOf(memo, digest);
	if (known?.registry !== registry || known.repository !== repository) memo.set(keyOf(digest), `${registry}/${repository}`);
}

export function originOf(memo: Memo, digest: Digest): BlobOrigin | undefined {
	const text = memo.get(keyOf(digest));
	const reference = typeof text === 'string' ? parseReference(text).value : undefined;
	return reference === undefined ? undefined : {registry: reference.registry, repository: reference.repository};
}
