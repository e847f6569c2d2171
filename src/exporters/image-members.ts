import {type Digest, hexOf} from '../core/digest.ts';
import {type Descriptor, refNameAnnotation} from '../oci/descriptor.ts';
import {makeIndex} from '../oci/index-document.ts';
import {parseReference} from '../oci/reference.ts';
import type {Store} from '../store/open-store.ts';
import type {ExportSet, Referrer} from './exporter.ts';
import type {OutputSpec} from './output-spec.ts';
import type {NamedDocument, SetParts} from './set-parts.ts';

/** Text of the `oci-layout` file (OCI image-spec, image-layout.md). */
export const layoutText = '{"imageLayoutVersion":"1.0.0"}';

/** One file of an image layout. */
export interface Member {
	readonly path: string;
	readonly size: number;
	open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
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

/** Files of what is said of images, each digest once. */
export function referrerMembers(referrers: readonly Referrer[], {blobs}: Store): readonly Member[] {
	const all = referrers.flatMap(({manifest, blobs: named}) => [manifest, ...named]);
	const byDigest = new Map(all.map((blob) => [blob.digest, blob]));
	return [...byDigest.values()].map((blob) => ({path: blobPath(blob.digest), size: blob.size, open: () => blobs.open(blob)}));
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
