import type {DiffId} from '../../core/digest.ts';
import {planCopy} from '../../rootfs/copy-layer.ts';
import {writePlannedTar} from '../../rootfs/planned-tar.ts';
import type {Store} from '../../store/open-store.ts';
import {factsOfCopy, type OpenTask, plainRequest} from './copy-task.ts';
import type {CopiedTar} from './file-thread-protocol.ts';

/** Puts the layer of a COPY or ADD into the store as an uncompressed tar with its index, straight from the sources. */
export async function copyTar(store: Store, task: OpenTask): Promise<CopiedTar | 'archive'> {
	const request = await plainRequest(task);
	if (request === undefined) return 'archive';
	const facts = factsOfCopy(task);
	const layer = planCopy(request);
	try {
		if (layer.index.length === 0) return {size: 0, facts};
		const blob = store.blobs.writer();
		try {
			writePlannedTar(layer, (chunk) => blob.write(chunk));
			const {digest, size} = blob.finish();
			const diffId = digest as string as DiffId;
			store.layers.writeIndex(diffId, layer.index);
			return {diffId, size, facts};
		} finally {
			blob.abort();
		}
	} finally {
		layer.close();
	}
}
