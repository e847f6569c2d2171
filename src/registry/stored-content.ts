import {createReadStream} from 'node:fs';
import type {BlobName, BlobStore} from '../store/blob-store.ts';
import type {BlobContent} from './push-blob.ts';

/** A blob of the store for a push: verified when it is read from its beginning; of what is read from a later place the registry tells the digest. */
export function storedContent(blobs: Pick<BlobStore, 'open' | 'path'>, {digest, size}: BlobName): BlobContent {
	return {
		digest,
		size,
		open: (offset) =>
			offset === 0
				? blobs.open({digest, size})
				: (createReadStream(blobs.path(digest), {start: offset, highWaterMark: 1 << 20}) as AsyncIterable<Buffer>),
	};
}
