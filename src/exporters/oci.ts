import {writeOutput} from '../host/write-output.ts';
import {exportError} from './export-error.ts';
import type {ExportContext, Exporter, ExportSet} from './exporter.ts';
import {blobMembers, indexEntries, layoutText, namesOf, printIndex, referrerMembers, textMember} from './image-members.ts';
import {layerBlob, type LayerBlob} from './layer-blob.ts';
import {writeLayout} from './oci-directory.ts';
import type {OutputSpec} from './output-spec.ts';
import {packMembers} from './pack-members.ts';
import {setParts} from './set-parts.ts';

/** `type=oci`: an OCI image layout as an archive or a directory. */
export const oci: Exporter = {
	needsTree: false,
	async export(set, spec, context) {
		const parts = setParts(set, await layerBlobs(set, spec, context));
		const referrers = set.images.flatMap((image) => image.referrers ?? []);
		const entries = [...indexEntries(parts.target, namesOf(set, spec)), ...referrers.map(({manifest}) => manifest)];
		const blobs = [...blobMembers(parts), ...referrerMembers(referrers, context.store)];
		try {
			if (spec.archive) {
				const files = [...blobs, textMember('oci-layout', layoutText), textMember('index.json', printIndex(entries))];
				await writeOutput(spec.destination, packMembers(files, context.epoch));
			} else await writeLayout(spec.destination, blobs, entries);
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {digest: parts.target.digest};
	},
};

async function layerBlobs({images}: ExportSet, spec: OutputSpec, context: ExportContext): Promise<LayerBlob[][]> {
	const blobs: LayerBlob[][] = [];
	for (const {layers} of images) {
		const own: LayerBlob[] = [];
		// One after the other: each uses all threads of the pool already.
		for (const layer of layers) {
			context.signal?.throwIfAborted();
			own.push(await layerBlob(layer, spec, context));
		}
		blobs.push(own);
	}
	return blobs;
}
