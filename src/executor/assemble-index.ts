import {annotationsFor} from '../oci/annotations.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {makeIndex} from '../oci/index-document.ts';
import {mediaTypes} from '../oci/media-types.ts';
import type {Store} from '../store/open-store.ts';
import type {AssembledImage} from './assemble-image.ts';
import type {BuildRequest} from './build-request.ts';

/** Stores the index of the images of several platforms. */
export function assembleIndex(images: readonly AssembledImage[], {annotations}: BuildRequest, store: Store): Descriptor {
	const index = makeIndex({manifests: images.map(({manifest}) => manifest), annotations: annotationsFor(annotations, 'index')});
	return {mediaType: mediaTypes.index, ...store.blobs.putBytes(index)};
}
