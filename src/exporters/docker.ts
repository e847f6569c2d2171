import {canonicalJson} from '../core/canonical-json.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {exportOnePlatform} from '../diagnostics/export.ts';
import {writeOutput} from '../host/write-output.ts';
import {parseReference} from '../oci/reference.ts';
import {exportError} from './export-error.ts';
import type {Exporter} from './exporter.ts';
import {blobMembers, blobPath, indexEntries, layoutText, namesOf, printIndex, textMember} from './image-members.ts';
import {plainLayer} from './layer-blob.ts';
import {packMembers} from './pack-members.ts';
import {setParts} from './set-parts.ts';

/** `type=docker`: an archive for `docker load` and `podman load`, with uncompressed layers; it is an OCI archive as well, as `docker save` writes it now. */
export const docker: Exporter = {
	needsTree: false,
	async export(set, spec, context) {
		const [image, ...others] = set.images;
		if (image === undefined || others.length > 0) throw new BuildError(exportOnePlatform('docker', set.images.length));
		const layers = image.layers.map((layer) => plainLayer(layer, context));
		const parts = setParts({...set, isIndex: false}, [layers]);
		const config = parts.images[0]?.config.descriptor.digest ?? parts.target.digest;
		const names = namesOf(set, spec);
		const saved = [
			{
				Config: blobPath(config),
				RepoTags: names.map(familiarName),
				Layers: layers.map(({descriptor}) => blobPath(descriptor.digest)),
			},
		];
		const files = [
			...blobMembers(parts),
			textMember('oci-layout', layoutText),
			textMember('index.json', printIndex(indexEntries(parts.target, names))),
			textMember('manifest.json', canonicalJson(saved)),
		];
		try {
			await writeOutput(spec.destination, packMembers(files, context.epoch));
		} catch (error) {
			throw exportError(error, spec.destination);
		}
		return {digest: parts.target.digest};
	},
};

/** As Docker shows names: without docker.io and library/. */
function familiarName(name: string): string {
	const reference = parseReference(name).value;
	if (reference?.registry !== 'docker.io') return name;
	return `${reference.repository.replace(/^library\//v, '')}:${reference.tag ?? 'latest'}`;
}
