import type {Json} from '../core/canonical-json.ts';
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

/** Tells such a note from other records of the memo. */
export function isOriginRecord(record: Json | undefined): boolean {
	if (typeof record !== 'object' || record === null || !('key' in record)) return false;
	const {key} = record;
	return typeof key === 'object' && key !== null && 'kind' in key && key.kind === 'origin';
}

export function originOf(memo: Memo, digest: Digest): BlobOrigin | undefined {
	const text = memo.get(keyOf(digest));
	const reference = typeof text === 'string' ? parseReference(text).value : undefined;
	return reference === undefined ? undefined : {registry: reference.registry, repository: reference.repository};
}
