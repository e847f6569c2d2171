import type {Json} from '../../core/canonical-json.ts';
import type {DiffId} from '../../core/digest.ts';
import {storeLayerMissing} from '../../diagnostics/store-layer.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {LayerReader} from '../../exporters/exporter.ts';
import {exporters} from '../../exporters/registry.ts';
import {decompress} from '../../host/decompress.ts';
import {layerChunks} from '../../rootfs/layer-chunks.ts';
import {walkTree} from '../../rootfs/walk-tree.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {mergeIndexes} from '../merge-indexes.ts';
import type {Store} from '../../store/open-store.ts';
import type {ExportRequest} from './export-request.ts';
import type {Session} from './session.ts';

/** Writes one output. */
export async function exportImage(session: Session, request: ExportRequest): Promise<Json> {
	const {image, spec, epoch} = request;
	const exporter = await exporters[spec.type]();
	const context = {store: session.store, layers: layerReader(session.store), epoch};
	if (!exporter.needsTree) return {...(await exporter.export(image, spec, context))};
	const view = await session.layers.view(await session.layers.lowers({host: false, layers: request.layers}));
	const root = view?.path ?? `${session.directory}/probe/empty`;
	try {
		return {
			...(await exporter.export(image, spec, {...context, merged: {root, entries: () => mergedEntries(session, root, image.layers)}})),
		};
	} finally {
		await view?.close();
	}
}

/** The mounted tree; owners of symlinks and fifos that this namespace cannot give to files are known to the indexes only. */
function* mergedEntries({store, ids}: Session, root: string, layers: ExportRequest['image']['layers']): Generator<TarEntry> {
	const isOneId = ids.uids.length === 1 && ids.uids[0]?.count === 1;
	const known = isOneId ? mergeIndexes(layers.map(({diffId}) => store.layers.readIndex(diffId) ?? [])) : undefined;
	for (const entry of walkTree(root)) {
		const truth = entry.type === 'symlink' || entry.type === 'fifo' ? known?.get(entry.path) : undefined;
		yield truth?.type === entry.type ? {...entry, uid: truth.uid, gid: truth.gid} : entry;
	}
}

/** Layers as uncompressed tars: a base layer from the blob it came in, a layer that a build made from its directory. */
function layerReader(store: Store): LayerReader {
	return {open: (diffId) => openLayer(store, diffId)};
}

async function* openLayer(store: Store, diffId: DiffId): AsyncGenerator<Uint8Array> {
	const layer = store.layers.get(diffId);
	if (layer?.blob !== undefined) {
		yield* decompress(store.blobs.open(layer.blob));
		return;
	}
	const index = store.layers.readIndex(diffId);
	if (layer?.directory === undefined || index === undefined) throw new BuildError(storeLayerMissing(diffId));
	yield* layerChunks(layer.directory, index);
}
