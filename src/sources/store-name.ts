import {baseNotInStore} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeBlobMissing} from '../diagnostics/store.ts';
import {parseReference} from '../oci/reference.ts';
import {valueOf} from './base-error.ts';
import {resolveImage} from './resolve-image.ts';
import type {ResolvedBase, SourceContext} from './source.ts';

/** An image that the local store knows by name (completed as Docker does), or by the digest in the name. */
export async function resolveStoreName(name: string, context: SourceContext): Promise<ResolvedBase> {
	const {store, platform} = context;
	const reference = valueOf(parseReference(name));
	const images = store.images.list();
	const found =
		images.find((image) => image.name === reference.name) ??
		(reference.digest === undefined ? undefined : images.find((image) => image.manifest.digest === reference.digest));
	if (found === undefined) throw new BuildError(baseNotInStore(name));
	return resolveImage([found.manifest], {
		store,
		platform,
		name,
		async fetch(blob) {
			if (!store.blobs.has(blob)) throw new BuildError(storeBlobMissing(blob.digest));
		},
	});
}
