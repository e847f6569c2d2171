import {writeOutput} from '../host/write-output.ts';
import {exportError} from './export-error.ts';
import type {ExportContext, Exporter, ExportImage} from './exporter.ts';
import {imageMembers, indexEntries, layoutText, namesOf, printIndex, textMember} from './image-members.ts';
import {gzipLayer, type LayerBlob, plainLayer} from './layer-blob.ts';
import {writeLayout} from './oci-directory.ts';
import type {OutputSpec} from './output-spec.ts';
import {packMembers} from './pack-members.ts';

/** `type=oci`: an OCI image layout as an archive or a directory. */
export const oci: Exporter = {
	needsTree: false,
	async export(image, spec, context) {
		const members = imageMembers(image, await layerBlobs(image, spec, context));
		const entries = indexEntries(members.manifest, namesOf(image, spec));
		try {
			if (spec.archive) {
				const files = [...members.blobs, textMember('oci-layout', layoutText), textMember('index.json', printIndex(entries))];
				await writeOutput(spec.destination, packMembers(files, context.epoch));
			} else await writeLayout(spec.destination, members.blobs, entries);
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {digest: members.manifest.digest};
	},
};

async function layerBlobs(image: ExportImage, spec: OutputSpec, context: ExportContext): Promise<LayerBlob[]> {
	const blobs: LayerBlob[] = [];
	// One after the other: each uses all threads of the pool already.
	for (const layer of image.layers) {
		context.signal?.throwIfAborted();
		blobs.push(spec.compression === 'gzip' ? await gzipLayer(layer, spec.level, context) : plainLayer(layer, context));
	}
	return blobs;
}
