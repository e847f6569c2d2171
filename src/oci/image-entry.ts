import type {Descriptor} from './descriptor.ts';
import {isIndexType, isManifestType} from './media-types.ts';

/**
 * True for an entry of an index that is an image (or an index of some): attestations beside it have the platform unknown/unknown or an artifact type,
 * signatures and the like other media types.
 */
export function isImageEntry({mediaType, platform, artifactType}: Descriptor): boolean {
	return (isManifestType(mediaType) || isIndexType(mediaType)) && platform?.os !== 'unknown' && artifactType === undefined;
}
