import {BuildError} from '../diagnostics/build-error.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {parseIndex} from '../oci/index-document.ts';
import {isImageEntry} from '../oci/image-entry.ts';
import {isIndexType} from '../oci/media-types.ts';
import type {Store} from '../store/open-store.ts';

/** Deepest nesting of indexes that is followed, as in bases. */
const deepest = 3;

/** Everything that an index lists, that of indexes in it included; an inner index that the store lacks lists nothing. */
export function indexEntries(store: Store, descriptor: Descriptor, depth = 0): readonly Descriptor[] {
	const {value, diagnostics} = parseIndex(store.blobs.read(descriptor), descriptor.mediaType);
	if (value === undefined) throw new BuildError(diagnostics);
	return value.manifests.flatMap((entry) => {
		if (!isIndexType(entry.mediaType)) return [entry];
		return depth < deepest && store.blobs.has(entry) ? indexEntries(store, entry, depth + 1) : [];
	});
}

/** Those that are images of a platform. */
export function imagesOfIndex(entries: readonly Descriptor[]): readonly Descriptor[] {
	return entries.filter((entry) => isImageEntry(entry) && !isIndexType(entry.mediaType));
}
