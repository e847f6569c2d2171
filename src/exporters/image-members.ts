import {canonicalJson, type Json} from '../core/canonical-json.ts';
import {type Digest, hexOf, sha256} from '../core/digest.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {printImageConfig} from '../oci/make-image-config.ts';
import {makeManifest, parseManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseReference} from '../oci/reference.ts';
import type {ExportImage} from './exporter.ts';
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

export interface ImageMembers {
	/** Of the manifest, with its platform. */
	readonly manifest: Descriptor;
	readonly config: Descriptor;
	/** Files under blobs/sha256/, each digest once. */
	readonly blobs: readonly Member[];
}

/** The blobs of an image: layers, configuration, manifest. */
export function imageMembers(image: ExportImage, layers: readonly LayerBlob[]): ImageMembers {
	const configText = image.documents?.config ?? printImageConfig(image.config);
	const config = describe(mediaTypes.config, configText);
	const {annotations} = image;
	const parts = {config, layers: layers.map(({descriptor}) => descriptor), ...(annotations === undefined ? {} : {annotations})};
	const manifestText = fittingManifest(image, parts.layers) ?? makeManifest(parts);
	const {os, architecture, variant} = image.config;
	const platform = {os, architecture, ...(variant === undefined ? {} : {variant})};
	const blobs = new Map<Digest, Member>();
	for (const {descriptor, open} of layers) blobs.set(descriptor.digest, {path: blobPath(descriptor.digest), size: descriptor.size, open});
	for (const text of [configText, manifestText]) blobs.set(sha256(text), textMember(blobPath(sha256(text)), text));
	return {manifest: {...describe(mediaTypes.manifest, manifestText), platform}, config, blobs: [...blobs.values()]};
}

/** The OCI manifest that the image has already, when it names exactly these layers. */
function fittingManifest({documents}: ExportImage, layers: readonly Descriptor[]): string | undefined {
	const manifest = documents === undefined ? undefined : parseManifest(Buffer.from(documents.manifest)).value;
	const isSame =
		manifest?.mediaType === mediaTypes.manifest &&
		manifest.layers.length === layers.length &&
		manifest.layers.every(({digest, mediaType}, at) => digest === layers[at]?.digest && mediaType === layers[at].mediaType);
	return isSame ? documents?.manifest : undefined;
}

/** The names of an image in an output, whole; the one of the output's specification alone when it has one. */
export function namesOf(image: ExportImage, spec: OutputSpec): readonly string[] {
	return spec.name === undefined ? image.names : [parseReference(spec.name).value?.name ?? spec.name];
}

/** Descriptors for an index: one per name, or one without a name. */
export function indexEntries(manifest: Descriptor, names: readonly string[]): readonly Descriptor[] {
	if (names.length === 0) return [manifest];
	return names.map((name) => ({...manifest, annotations: {'io.containerd.image.name': name, [refNameAnnotation]: tagOf(name)}}));
}

export function printIndex(manifests: readonly Descriptor[]): string {
	return canonicalJson({schemaVersion: 2, mediaType: mediaTypes.index, manifests} as unknown as Json);
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
