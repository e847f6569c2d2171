import type {Json} from '../../core/canonical-json.ts';
import type {DiffId} from '../../core/digest.ts';
import {storeLayerMissing} from '../../diagnostics/store-layer.ts';
import {BuildError} from '../../diagnostics/build-error.ts';
import type {ExportContext, ExportImage, ExportLayer, LayerReader, MergedTree} from '../../exporters/exporter.ts';
import {layerBlob} from '../../exporters/layer-blob.ts';
import {exporters} from '../../exporters/registry.ts';
import {decompress} from '../../host/decompress.ts';
import type {Descriptor} from '../../oci/descriptor.ts';
import type {View} from '../../rootfs/driver.ts';
import {layerChunks} from '../../rootfs/layer-chunks.ts';
import {walkTree} from '../../rootfs/walk-tree.ts';
import type {TarEntry} from '../../tar/entry.ts';
import {mergeIndexes} from '../merge-indexes.ts';
import type {Store} from '../../store/open-store.ts';
import type {CompressRequest, ExportRequest} from './export-request.ts';
import type {Session} from './session.ts';

/** Writes one output. */
export async function exportImage(session: Session, {set, spec, epoch}: ExportRequest): Promise<Json> {
	if (spec.type === 'registry') throw new TypeError('images are pushed by the command');
	const exporter = await exporters[spec.type]();
	const images: ExportImage[] = [];
	for (const image of set.images) images.push({...image, layers: await measured(session, image.layers)});
	const complete = {...set, images};
	const context = {store: session.store, layers: layerReader(session.store), epoch};
	if (!exporter.needsTree) return {...(await exporter.export(complete, spec, context))};
	const trees = new Map<ExportImage, MergedTree>();
	const views: View[] = [];
	try {
		for (const image of images) {
			const view = await session.layers.view(await session.layers.lowers({host: false, layers: image.layers}));
			if (view !== undefined) views.push(view);
			const root = view?.path ?? `${session.directory}/probe/empty`;
			trees.set(image, {root, entries: () => mergedEntries(session, root, image.layers)});
		}
		const merged = (image: ExportImage): MergedTree => trees.get(image) as MergedTree;
		return {...(await exporter.export(complete, spec, {...context, merged}))};
	} finally {
		for (const view of views) await view.close();
	}
}

/** Puts a layer into the store in a form that images have it in, unless it is there. */
export async function compressLayer(session: Session, {layers, at, form}: CompressRequest): Promise<Descriptor> {
	const layer = (await measured(session, layers))[at];
	if (layer === undefined) throw new RangeError('there is no such layer');
	const {store} = session;
	const context: ExportContext = {store, layers: layerReader(store), epoch: 0};
	const {descriptor, open} = await layerBlob(layer, form, context);
	if (!store.blobs.has(descriptor)) await store.blobs.write(open(), descriptor);
	return descriptor;
}

/** Layers of a base that nobody has unpacked yet are unpacked: only then their sizes are known. */
async function measured({store, layers: table}: Session, layers: readonly ExportLayer[]): Promise<readonly ExportLayer[]> {
	if (layers.some(({diffId}) => store.layers.get(diffId) === undefined)) await table.lowers({host: false, layers});
	return layers.map((layer) => ({...layer, size: store.layers.get(layer.diffId)?.size ?? layer.size}));
}

/** The mounted tree; owners of symlinks and fifos that this namespace cannot give to files are known to the indexes only. */
function* mergedEntries({store, ids}: Session, root: string, layers: readonly ExportLayer[]): Generator<TarEntry> {
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
