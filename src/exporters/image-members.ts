import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {annotationsFor} from '../oci/annotations.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {makeIndex} from '../oci/index-document.ts';
import {printImageConfig} from '../oci/make-image-config.ts';
import {makeManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseReference} from '../oci/reference.ts';
import type {ExportImage, ExportSet} from './exporter.ts';
import type {LayerBlob} from './layer-blob.ts';
import type {OutputSpec} from './output-spec.ts';

/** Text of the `oci-layout` file (OCI image-spec, image-layout.md). */
export const layoutText = '{"imageLayoutVersion":"1.0.0"}';

/** One file of an image layout. */
export interface Member {
	readonly path: string;
	readonly size: number;
	open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

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

/** Puts images and their layers, in the same order, together. */
export function setParts(set: ExportSet, layers: readonly (readonly LayerBlob[])[]): SetParts {
	const images = set.images.map((image, at) => imageParts(image, set, layers[at] ?? []));
	const annotations = annotationsFor(set.annotations, 'index-descriptor');
	const described = (descriptor: Descriptor): Descriptor => (annotations === undefined ? descriptor : {...descriptor, annotations});
	const [only] = images;
	if (only !== undefined && !set.isIndex && images.length === 1) return {images, target: only.manifest.descriptor};
	const text = makeIndex({
		manifests: images.map(({manifest}) => manifest.descriptor),
		annotations: annotationsFor(set.annotations, 'index'),
	});
	const index = {text, descriptor: describe(mediaTypes.index, text)};
	return {images, index, target: described(index.descriptor)};
}

function imageParts({config, layers: {length}}: ExportImage, {annotations}: ExportSet, layers: readonly LayerBlob[]): ImageParts {
	if (layers.length !== length) throw new TypeError('an image has another number of layers than of blobs');
	const configText = printImageConfig(config);
	const configDocument = {text: configText, descriptor: describe(mediaTypes.config, configText)};
	const {os, architecture, variant} = config;
	const platform = {os, architecture, ...(variant === undefined ? {} : {variant})};
	const text = makeManifest({
		config: configDocument.descriptor,
		layers: layers.map(({descriptor}) => descriptor),
		annotations: annotationsFor(annotations, 'manifest', platform),
	});
	const noted = annotationsFor(annotations, 'manifest-descriptor', platform);
	const descriptor = {...describe(mediaTypes.manifest, text), platform, ...(noted === undefined ? {} : {annotations: noted})};
	return {manifest: {text, descriptor}, config: configDocument, layers};
}

/** Files under blobs/sha256/, each digest once. */
export function blobMembers({images, index}: SetParts): readonly Member[] {
	const blobs = new Map<Digest, Member>();
	const add = ({descriptor, text}: NamedDocument): void => void blobs.set(descriptor.digest, textMember(blobPath(descriptor.digest), text));
	for (const {manifest, config, layers} of images) {
		for (const {descriptor, open} of layers) blobs.set(descriptor.digest, {path: blobPath(descriptor.digest), size: descriptor.size, open});
		add(config);
		add(manifest);
	}
	if (index !== undefined) add(index);
	return [...blobs.values()];
}

/** The names of an image in an output, whole; those of the output's specification alone when it has some. */
export function namesOf(set: ExportSet, spec: OutputSpec): readonly string[] {
	return spec.names.length === 0 ? set.names : spec.names;
}

/** Descriptors for an index.json: one per name, or one without a name. */
export function indexEntries(target: Descriptor, names: readonly string[]): readonly Descriptor[] {
	if (names.length === 0) return [target];
	return names.map((name) => ({
		...target,
		annotations: {...target.annotations, 'io.containerd.image.name': name, [refNameAnnotation]: tagOf(name)},
	}));
}

export function printIndex(manifests: readonly Descriptor[]): string {
	return makeIndex({manifests});
}

export function blobPath(digest: Digest): string {
	return `blobs/sha256/${hexOf(digest)}`;
}

export function textMember(path: string, text: string): Member {
	const bytes = Buffer.from(text, 'utf8');
	return {path, size: bytes.length, open: () => [bytes]};
}

/** In an OCI layout the reference name is the tag (image-spec annotations.md); tools find the image as `oci:DIR:TAG`. */
function tagOf(name: string): string {
	return parseReference(name).value?.tag ?? 'latest';
}

function describe(mediaType: string, text: string): Descriptor {
	return {mediaType, digest: sha256(text), size: Buffer.byteLength(text)};
}
