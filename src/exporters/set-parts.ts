import {sha256} from '../core/digest.ts';
import {annotationsFor} from '../oci/annotations.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {makeIndex, parseIndex} from '../oci/index-document.ts';
import {printImageConfig} from '../oci/make-image-config.ts';
import {makeManifest, type Manifest, parseManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import type {ExportImage, ExportSet} from './exporter.ts';
import type {LayerBlob} from './layer-blob.ts';

/** A document and the descriptor that names it. */
export interface NamedDocument {
	readonly descriptor: Descriptor;
	readonly text: string;
}

/** The documents and layers of one platform's image. */
export interface ImageParts {
	readonly manifest: NamedDocument;
	readonly config: NamedDocument;
	readonly layers: readonly LayerBlob[];
}

/** Everything that a set is made of. */
export interface SetParts {
	readonly images: readonly ImageParts[];
	readonly index?: NamedDocument;
	/** Of the index, or of the only manifest: what names are given to. */
	readonly target: Descriptor;
}

/** Docker's own manifests are written as they are, or as those of OCI. */
export type DockerManifests = 'kept' | 'converted';

/** Puts images and their layers, in the same order, together. */
export function setParts(set: ExportSet, layers: readonly (readonly LayerBlob[])[], docker: DockerManifests = 'converted'): SetParts {
	const images = set.images.map((image, at) => imageParts(image, {set, layers: layers[at] ?? [], docker}));
	const annotations = annotationsFor(set.annotations, 'index-descriptor');
	const described = (descriptor: Descriptor): Descriptor => (annotations === undefined ? descriptor : {...descriptor, annotations});
	const [only] = images;
	if (only !== undefined && !set.isIndex && images.length === 1) return {images, target: only.manifest.descriptor};
	const index = indexOf(set, images);
	return {images, index, target: described(index.descriptor)};
}

/** The index that the set has already, when it still names exactly these manifests. */
function indexOf({index, annotations}: ExportSet, images: readonly ImageParts[]): NamedDocument {
	const manifests = images.map(({manifest}) => manifest.descriptor);
	const noted = annotationsFor(annotations, 'index');
	const known = index === undefined ? undefined : parseIndex(Buffer.from(index)).value;
	const isSame =
		known?.manifests.length === manifests.length &&
		known.manifests.every(({digest, mediaType}, at) => digest === manifests[at]?.digest && mediaType === manifests[at].mediaType);
	if (isSame && noted === undefined && index !== undefined) return {text: index, descriptor: describe(known.mediaType, index)};
	const text = makeIndex({manifests, annotations: noted});
	return {text, descriptor: describe(mediaTypes.index, text)};
}

interface PartsContext {
	readonly set: ExportSet;
	readonly layers: readonly LayerBlob[];
	readonly docker: DockerManifests;
}

function imageParts(image: ExportImage, context: PartsContext): ImageParts {
	const {set, layers} = context;
	const {config} = image;
	if (layers.length !== image.layers.length) throw new TypeError('an image has another number of layers than of blobs');
	const configText = image.documents?.config ?? printImageConfig(config);
	const configDocument = {text: configText, descriptor: describe(mediaTypes.config, configText)};
	const {os, architecture, variant} = config;
	const platform = {os, architecture, ...(variant === undefined ? {} : {variant})};
	const {text, mediaType} = manifestText(image, configDocument.descriptor, {
		...context,
		noted: annotationsFor(set.annotations, 'manifest', platform),
	});
	const near = annotationsFor(set.annotations, 'manifest-descriptor', platform);
	const descriptor = {...describe(mediaType, text), platform, ...(near === undefined ? {} : {annotations: near})};
	return {manifest: {text, descriptor}, config: configDocument, layers};
}

/** The manifest that the image has already where it still fits, or a new one with its annotations. */
function manifestText(
	{documents}: ExportImage,
	config: Descriptor,
	{layers, docker, noted}: PartsContext & {readonly noted: Readonly<Record<string, string>> | undefined},
): {readonly text: string; readonly mediaType: string} {
	const described = layers.map(({descriptor}) => descriptor);
	const known = documents === undefined ? undefined : parseManifest(Buffer.from(documents.manifest)).value;
	const isKept = known?.mediaType === mediaTypes.manifest || docker === 'kept';
	if (documents !== undefined && known !== undefined && isKept && noted === undefined && fits(known, described))
		return {text: documents.manifest, mediaType: known.mediaType};
	return {text: makeManifest({config, layers: described, annotations: {...known?.annotations, ...noted}}), mediaType: mediaTypes.manifest};
}

/** True when a manifest names exactly these layers. */
function fits(manifest: Manifest, layers: readonly Descriptor[]): boolean {
	return manifest.layers.length === layers.length && manifest.layers.every(({digest}, at) => digest === layers[at]?.digest);
}

function describe(mediaType: string, text: string): Descriptor {
	return {mediaType, digest: sha256(text), size: Buffer.byteLength(text)};
}
