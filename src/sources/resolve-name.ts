import {baseNotInStore} from '../diagnostics/base.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {storeBlobMissing} from '../diagnostics/store.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {parseReference, type Reference} from '../oci/reference.ts';
import {noteOrigin, originOf} from '../store/blob-origins.ts';
import type {Store} from '../store/open-store.ts';
import {valueOf} from './base-error.ts';
import type {RemoteImages} from './remote-images.ts';
import {type ImageLookup, resolveImage} from './resolve-image.ts';
import type {ResolvedBase, SourceContext} from './source.ts';

/**
 * An image by name (completed as Docker does) or by the digest in the name: of the local store, or of its registry. What comes from a registry is
 * known to the store by its name from then on; its layers come when they are needed.
 */
export async function resolveName(name: string, context: SourceContext): Promise<ResolvedBase> {
	const {store, remote} = context;
	const reference = valueOf(parseReference(name));
	const known = findStored(reference, store);
	if (remote === undefined || remote.policy === 'never') {
		if (known === undefined) throw new BuildError(baseNotInStore(name, remote?.policy));
		return resolveImage([known], lookupIn(context, name, {fetch: fromStore(store)}));
	}
	const fetch = fromRegistry(reference, store, remote);
	if (known !== undefined && remote.policy === 'missing') {
		// One that was built here has layers of its base, which are not under its own name.
		const layer = async (blob: Descriptor): Promise<void> => remote.expect(blob, () => originOf(store.memo, blob.digest) ?? reference);
		return resolveImage([known], lookupIn(context, name, {fetch, layer}));
	}
	const found = await (await remote.registry()).resolve(reference);
	let noted = 0;
	const layer = async (blob: Descriptor): Promise<void> => {
		remote.expect(blob, () => reference);
		if (!store.blobs.has(blob) && ++noted <= mostOrigins) noteOrigin(store.memo, blob.digest, reference);
	};
	const resolved = await resolveImage([found], lookupIn(context, name, {fetch, layer}));
	await store.images.tag(reference.name, found);
	return resolved;
}

/** Layers of an image that are noted: a hostile manifest could name many thousands. */
const mostOrigins = 1000;

function lookupIn({store, platform}: SourceContext, name: string, how: Pick<ImageLookup, 'fetch' | 'layer'>): ImageLookup {
	return {store, platform, name, ...how};
}

function findStored(reference: Reference, {images}: Store): Descriptor | undefined {
	const named = images.resolve(reference.name);
	if (named !== undefined || reference.digest === undefined) return named;
	return images.list().find(({manifest}) => manifest.digest === reference.digest)?.manifest;
}

function fromStore(store: Store): ImageLookup['fetch'] {
	return async (blob) => {
		if (!store.blobs.has(blob)) throw new BuildError(storeBlobMissing(blob.digest));
	};
}

/** Documents; configurations are blobs for a registry. */
function fromRegistry(reference: Reference, store: Store, remote: RemoteImages): ImageLookup['fetch'] {
	return async (blob, kind) => {
		if (store.blobs.has(blob)) return;
		const registry = await remote.registry();
		if (kind === 'blob') await store.blobs.write(registry.blob(reference, blob), blob);
		else store.blobs.putBytes((await registry.document(reference, blob)).bytes);
	};
}
