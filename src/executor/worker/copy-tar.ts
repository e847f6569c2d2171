import {dirname} from 'node:path';
import type {DiffId} from '../../core/digest.ts';
import {planCopy} from '../../rootfs/copy-layer.ts';
import {type HashFor, writePlannedTar} from '../../rootfs/planned-tar.ts';
import type {CopiedPlaces} from '../../store/copied-layers.ts';
import type {Store} from '../../store/open-store.ts';
import {copiedPlaces} from './copied-places.ts';
import {factsOfCopy, type OpenTask, plainRequest} from './copy-task.ts';
import {DigestBeside, leastBeside} from './digest-beside.ts';
import type {CopiedTar} from './file-thread-protocol.ts';

/** Puts the layer of a COPY or ADD into the store as an uncompressed tar with its index, straight from the sources. */
export async function copyTar(store: Store, task: OpenTask): Promise<CopiedTar | 'archive'> {
	const request = await plainRequest(task);
	if (request === undefined) return 'archive';
	const facts = factsOfCopy(task);
	const isUnread = task.sources.some(({item}) => item.entries.some(({type, digest}) => type === 'file' && digest === undefined));
	const layer = planCopy(request);
	try {
		if (layer.index.length === 0) return {size: 0, facts};
		const blob = store.blobs.writer(undefined, dirname(task.directory));
		let written = 0;
		let beside: DigestBeside | undefined;
		const write = (chunk: Uint8Array): void => {
			blob.write(chunk);
			written += chunk.length;
			beside?.wrote(written);
		};
		const hashFor: HashFor = (start, size) => {
			if (size < leastBeside) return undefined;
			const hash = new DigestBeside(blob.path, {start, size, written});
			beside = hash;
			return {update: () => {}, digest: () => hash.end()};
		};
		try {
			const starts = writePlannedTar(layer, write, hashFor);
			const {digest, size} = blob.finish();
			const diffId = digest as string as DiffId;
			store.layers.writeIndex(diffId, layer.index);
			const places = copiedPlaces(task, layer, starts);
			return {diffId, size, facts, places, ...(isUnread ? {digests: digestsOf(task, places)} : {})};
		} finally {
			beside?.giveUp();
			blob.abort();
		}
	} finally {
		layer.close();
	}
}

function digestsOf({sources}: OpenTask, {starts}: CopiedPlaces): string {
	let digests = '';
	let number = 0;
	for (const {item} of sources) {
		for (const {digest} of item.entries) {
			if ((starts[number] ?? -1) >= 0) digests += digest ?? '';
			number += 1;
		}
	}
	return digests;
}
