import {BuildError} from '../diagnostics/build-error.ts';
import {cliPlatformsMissing} from '../diagnostics/image.ts';
import {exportedLayer} from '../executor/export-image.ts';
import type {ExportImage, ExportSet} from '../exporters/exporter.ts';
import type {Platform} from '../oci/image-config.ts';
import {isIndexType} from '../oci/media-types.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {parseReference} from '../oci/reference.ts';
import {printPlatform} from '../oci/select-platform.ts';
import type {Store} from '../store/open-store.ts';
import {findDescriptor} from './find-image.ts';
import {imagesOfIndex, indexEntries} from './index-entries.ts';
import {findImage, layersOf, loadImage, type StoredImage} from './stored-image.ts';

/** An image of the store as outputs take it: of an index the image of a platform, or all of it. Throws cli/platforms-missing for one that was pulled in part. */
export function findSet(store: Store, text: string, which: {readonly platform: Platform | undefined} | 'all'): ExportSet {
	const {descriptor, names} = findDescriptor(store, text);
	// By a digest it was not asked for under any name.
	const asked = parseReference(text).value?.name;
	const common = {annotations: [], names: names.filter((known) => known === asked)};
	if (which !== 'all' || !isIndexType(descriptor.mediaType)) {
		const image = findImage(store, text, which === 'all' ? undefined : which.platform);
		return {...common, isIndex: false, images: [exportedImage(store, image)]};
	}
	const entries = imagesOfIndex(indexEntries(store, descriptor));
	const missing = entries.filter((entry) => !store.blobs.has(entry));
	const platformsOf = (some: readonly Descriptor[]): readonly string[] =>
		some.map(({platform, digest}) => (platform === undefined ? digest : printPlatform(platform)));
	if (missing.length > 0) {
		const there = entries.filter((entry) => !missing.includes(entry));
		throw new BuildError(cliPlatformsMissing(text, platformsOf(there), platformsOf(missing)));
	}
	const images = entries.map((entry) => exportedImage(store, loadImage(store, entry, names)));
	return {...common, isIndex: true, images, index: store.blobs.read(descriptor).toString()};
}

function exportedImage(store: Store, image: StoredImage): ExportImage {
	const {config, manifest, descriptor} = image;
	const documents = {manifest: store.blobs.read(descriptor).toString(), config: store.blobs.read(manifest.config).toString()};
	return {config, documents, layers: layersOf(image).map((layer) => exportedLayer(store, layer))};
}
