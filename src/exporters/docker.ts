import {canonicalJson} from '../core/canonical-json.ts';
import {writeOutput} from '../host/write-output.ts';
import {parseReference} from '../oci/reference.ts';
import {exportError} from './export-error.ts';
import type {Exporter} from './exporter.ts';
import {blobPath, imageMembers, indexEntries, layoutText, namesOf, printIndex, textMember} from './image-members.ts';
import {plainLayer} from './layer-blob.ts';
import {packMembers} from './pack-members.ts';

/** `type=docker`: an archive for `docker load` and `podman load`, with uncompressed layers; it is an OCI archive as well, as `docker save` writes it now. */
export const docker: Exporter = {
	needsTree: false,
	async export(image, spec, context) {
		const layers = image.layers.map((layer) => plainLayer(layer, context));
		const members = imageMembers(image, layers);
		const names = namesOf(image, spec);
		const saved = [
			{
				Config: blobPath(members.config.digest),
				RepoTags: names.map(familiarName),
				Layers: layers.map(({descriptor}) => blobPath(descriptor.digest)),
			},
		];
		const files = [
			...members.blobs,
			textMember('oci-layout', layoutText),
			textMember('index.json', printIndex(indexEntries(members.manifest, names))),
			textMember('manifest.json', canonicalJson(saved)),
		];
		try {
			await writeOutput(spec.destination, packMembers(files, context.epoch));
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {digest: members.manifest.digest};
	},
};

/** As Docker shows names: without docker.io and library/. */
function familiarName(name: string): string {
	const reference = parseReference(name).value;
	if (reference?.registry !== 'docker.io') return name;
	return `${reference.repository.replace(/^library\//v, '')}:${reference.tag ?? 'latest'}`;
}
