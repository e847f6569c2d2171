import {statSync} from 'node:fs';
import {type Digest, parseDigest} from '../core/digest.ts';
import {suggest} from '../core/suggest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {cliNoImage} from '../diagnostics/cli.ts';
import {cliAmbiguousImage} from '../diagnostics/image.ts';
import {documentLimit, parseDocument} from '../oci/bounded-json.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {isIndexType, isManifestType, mediaTypes} from '../oci/media-types.ts';
import {parseReference} from '../oci/reference.ts';
import type {NamedImage} from '../store/index-text.ts';
import type {Store} from '../store/open-store.ts';
import {indexEntries} from './index-entries.ts';

/** What a text of the command line stands for. */
export interface Found {
	/** Every name of the store for it, sorted; a text that is a name gives that name alone. */
	readonly names: readonly string[];
	/** Of a manifest or an index. */
	readonly descriptor: Descriptor;
}

/**
 * Finds by name (completed as Docker does), NAME@DIGEST, or a digest of at least six digits, which may also be that of an image in an index.
 * No document of a named image is read. Throws cli/no-image and cli/ambiguous-image.
 */
export function findDescriptor(store: Store, text: string): Found {
	const images = store.images.list();
	const found = byName(images, text) ?? byDigest(store, images, text);
	if (found !== undefined) return found;
	const wanted = parseReference(text).value?.name ?? text;
	const names = images.map(({name}) => name);
	throw new BuildError(cliNoImage(text, suggest(wanted, names)));
}

function byName(images: readonly NamedImage[], text: string): Found | undefined {
	const reference = parseReference(text).value;
	if (reference === undefined) return undefined;
	const exact = images.find(({name}) => name === reference.name);
	if (exact !== undefined) return {names: [exact.name], descriptor: exact.manifest};
	const {digest, tag, registry, repository} = reference;
	if (digest === undefined) return undefined;
	const matching = images.filter(({name, manifest}) => {
		const known = parseReference(name).value;
		return (
			manifest.digest === digest &&
			known?.registry === registry &&
			known.repository === repository &&
			(tag === undefined || tag === known.tag)
		);
	});
	return foundOf(matching);
}

function byDigest(store: Store, images: readonly NamedImage[], text: string): Found | undefined {
	const hex = /^(?:sha256:)?([0-9a-f]{6,64})$/v.exec(text)?.[1];
	if (hex === undefined) return undefined;
	const begins = ({digest}: Descriptor): boolean => digest.startsWith(`sha256:${hex}`);
	const candidates = images.flatMap(({manifest}) => [manifest, ...(isIndexType(manifest.mediaType) ? indexEntries(store, manifest) : [])]);
	const found = new Map(candidates.filter(begins).map((descriptor) => [descriptor.digest, descriptor]));
	if (found.size > 1) throw new BuildError(cliAmbiguousImage(text, [...found.keys()].sort()));
	const [descriptor = untagged(store, hex)] = found.values();
	if (descriptor === undefined) return undefined;
	return {names: images.filter(({manifest}) => manifest.digest === descriptor.digest).map(({name}) => name), descriptor};
}

function foundOf(images: readonly NamedImage[]): Found | undefined {
	const [first] = images;
	return first === undefined ? undefined : {names: images.map(({name}) => name), descriptor: first.manifest};
}

/** A build without a tag leaves its manifest in the store: its whole digest finds it. */
function untagged(store: Store, hex: string): Descriptor | undefined {
	const digest = parseDigest(`sha256:${hex}`);
	const size = digest === undefined ? undefined : statSync(store.blobs.path(digest), {throwIfNoEntry: false})?.size;
	if (digest === undefined || size === undefined || size > documentLimit) return undefined;
	const mediaType = typeOfBlob(store, digest, size);
	return mediaType === undefined ? undefined : {mediaType, digest, size};
}

/** Undefined for what is neither a manifest nor an index. */
function typeOfBlob(store: Store, digest: Digest, size: number): string | undefined {
	const document = parseDocument(store.blobs.read({digest, size}), 'the blob').value;
	if (document === undefined) return undefined;
	const {mediaType} = document;
	if (typeof mediaType === 'string') return isIndexType(mediaType) || isManifestType(mediaType) ? mediaType : undefined;
	if (Array.isArray(document['manifests'])) return mediaTypes.index;
	return Array.isArray(document['layers']) ? mediaTypes.manifest : undefined;
}
