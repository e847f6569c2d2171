import type {DiffId} from '../core/digest.ts';
import type {RawPath} from '../core/raw-path.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import {errnoOf} from '../host/errno.ts';
import {writeOutput} from '../host/write-output.ts';
import {fileInTar} from './file-in-tar.ts';
import {type ImageFiles, type ImageLayer, layerReferences} from './image-files.ts';
import {withWorker} from './with-worker.ts';

/** Writes the content of a file of the merged file system to standard output. `entry` is a regular file of `files`. */
export async function printFile(
	store: Store,
	{layers, files}: {readonly layers: readonly ImageLayer[]; readonly files: ImageFiles},
	entry: TarEntry,
	signal: AbortSignal,
): Promise<void> {
	const [diffId = '', ...path] = files.originOf(entry).split(' ');
	const content = fileInTar(store, diffId as DiffId, path.join(' ') as RawPath);
	if (content !== undefined) return printContent(content);
	await withWorker({store: store.directory, ids: 'auto', driver: 'auto', signal}, (worker) =>
		worker.call('print', {stack: {host: false, layers: layerReferences(store, layers)}, entry}),
	);
}

/** A reader that goes away has had what it wanted. */
async function printContent(content: AsyncIterable<Uint8Array>): Promise<void> {
	try {
		await writeOutput('-', content);
	} catch (error) {
		if (errnoOf(error) !== 'EPIPE') throw error;
	}
}

/** Of paths that are regular files of one size in both images, those whose contents differ. */
export async function differingFiles(
	store: Store,
	images: readonly [readonly ImageLayer[], readonly ImageLayer[]],
	paths: readonly RawPath[],
	signal: AbortSignal,
): Promise<ReadonlySet<RawPath>> {
	if (paths.length === 0) return new Set();
	const [one, other] = images.map((layers) => ({host: false, layers: layerReferences(store, layers)}));
	if (one === undefined || other === undefined) throw new Error('two images are compared');
	return withWorker(
		{store: store.directory, ids: 'auto', driver: 'auto', signal},
		async (worker) => new Set((await worker.call('compare', {one, other, paths})) as readonly RawPath[]),
	);
}
