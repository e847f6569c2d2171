import {statSync} from 'node:fs';
import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {baseNotFound} from '../diagnostics/base.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Platform} from '../oci/image-config.ts';
import {printImageConfig} from '../oci/make-image-config.ts';
import {makeManifest, parseManifest} from '../oci/manifest.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {parseBaseReference} from '../plan/base-reference.ts';
import {resolveBase} from '../sources/resolve-base.ts';
import type {ResolvedBase, SourceContext} from '../sources/source.ts';
import {imageOfTar} from '../sources/tar-layer.ts';
import {openStore, type Store} from '../store/open-store.ts';
import {claimStoreIds} from '../store/store-ids.ts';
import {packDirectory} from './pack-directory.ts';
import {withWorker} from './with-worker.ts';

export interface ImportRequest {
	/** Absolute path of the store. */
	readonly store: string;
	/** Whole reference name. */
	readonly name: string;
	readonly platform: Platform;
	/** Where relative paths start. */
	readonly directory: string;
	readonly ids: IdModeName | 'auto';
}

/** 1980-01-01: what the configuration of a plain archive says. */
const epoch = 315_532_800;

/** Puts a base into the store under a name, with its layers unpacked and checked; returns the digest of its manifest. */
export async function importImage(source: string, request: ImportRequest): Promise<Digest> {
	const store = openStore(request.store);
	return withWorker({store: request.store, ids: request.ids, driver: 'auto'}, async (worker) => {
		claimStoreIds(request.store, worker.ids);
		const {directory, platform} = request;
		const context: SourceContext = {
			store,
			platform,
			epoch,
			directory,
			packDirectory: (path) => packDirectory(path, store.directory, worker),
		};
		const base =
			source === '-' ? await imageOfTar(process.stdin, 'standard input', context) : await resolveBase(referenceOf(source), context);
		await worker.call('unpack', {stack: {host: false, layers: base.layers}});
		return register(base, request, store);
	});
}

function referenceOf(source: string): Parameters<typeof resolveBase>[0] {
	const transport = /^(?:oci|oci-archive|docker-archive|tar|dir):/v.test(source);
	const reference = parseBaseReference(transport ? source : `tar:${source}`);
	if (reference.kind === 'bad') throw new BuildError(baseNotFound(source, reference.reason));
	return reference;
}

/** A manifest that came along keeps its digest; a plain archive gets one. */
async function register(base: ResolvedBase, request: ImportRequest, store: Store): Promise<Digest> {
	const original = findManifest(base, store);
	if (original !== undefined) {
		await store.images.tag(request.name, {...original, platform: request.platform});
		return original.digest;
	}
	const config = {mediaType: mediaTypes.config, ...store.blobs.putBytes(printImageConfig(base.config))};
	const layers = base.layers.map(
		({diffId, blob}) =>
			blob ?? {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size: store.layers.get(diffId)?.size ?? 0},
	);
	const manifest = store.blobs.putBytes(makeManifest({config, layers}));
	await store.images.tag(request.name, {mediaType: mediaTypes.manifest, ...manifest, platform: request.platform});
	return manifest.digest;
}

function findManifest({digest}: ResolvedBase, store: Store): Descriptor | undefined {
	const size = statSync(store.blobs.path(digest), {throwIfNoEntry: false})?.size;
	if (size === undefined) return undefined;
	const manifest = parseManifest(store.blobs.read({digest, size}));
	return manifest.value === undefined ? undefined : {mediaType: manifest.value.mediaType, digest, size};
}
