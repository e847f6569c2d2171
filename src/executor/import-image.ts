import {statSync} from 'node:fs';
import type {Digest, DiffId} from '../core/digest.ts';
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
import {withdraw} from '../store/withdraw.ts';
import {packDirectory} from './pack-directory.ts';
import {withWorker} from './with-worker.ts';
import type {WorkerClient} from './worker-client.ts';

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

/**
 * Puts a base into the store under a name, with its layers unpacked and checked; returns the digest of its manifest. What no name needs of what
 * was read does not stay, above all when it was refused.
 */
export async function importImage(source: string, request: ImportRequest): Promise<Digest> {
	const blobs = new Set<Digest>();
	const layers = new Set<DiffId>();
	const plain = openStore(request.store);
	const store = {...plain, blobs: plain.blobs.watched((digest) => blobs.add(digest))};
	return withWorker({store: request.store, ids: request.ids, driver: 'auto'}, async (worker) => {
		claimStoreIds(request.store, worker.ids);
		const clean = (): Promise<void> =>
			withdraw(store, {blobs, layers}, async (path) => void (await worker.call('remove', {paths: [path]})));
		let digest: Digest;
		try {
			const base = await readBase(source, {...request, store, worker});
			for (const {diffId} of base.layers) if (store.layers.get(diffId) === undefined) layers.add(diffId);
			await worker.call('unpack', {stack: {host: false, layers: base.layers}});
			digest = await register(base, request.name, store);
		} catch (error) {
			// Why it was refused is what counts; what cannot be taken back now goes with the next prune.
			await clean().catch(() => {});
			throw error;
		}
		await clean();
		return digest;
	});
}

type Reading = Pick<ImportRequest, 'platform' | 'directory'> & {readonly store: Store; readonly worker: WorkerClient};

async function readBase(source: string, {store, worker, platform, directory}: Reading): Promise<ResolvedBase> {
	const context: SourceContext = {
		store,
		platform,
		epoch,
		directory,
		remembers: false,
		packDirectory: (path) => packDirectory(path, store.directory, worker),
	};
	return source === '-' ? imageOfTar(process.stdin, 'standard input', context) : resolveBase(referenceOf(source), context);
}

function referenceOf(source: string): Parameters<typeof resolveBase>[0] {
	const transport = /^(?:oci|oci-archive|docker-archive|tar|dir):/v.test(source);
	const reference = parseBaseReference(transport ? source : `tar:${source}`);
	if (reference.kind === 'bad') throw new BuildError(baseNotFound(source, reference.reason));
	return reference;
}

/** A manifest that came along keeps its digest; a plain archive gets one. */
async function register(base: ResolvedBase, name: string, store: Store): Promise<Digest> {
	const manifest = findManifest(base, store) ?? makeOwnManifest(base, store);
	const {os, architecture, variant} = base.config;
	await store.images.tag(name, {...manifest, platform: {os, architecture, ...(variant === undefined ? {} : {variant})}});
	return manifest.digest;
}

function makeOwnManifest(base: ResolvedBase, store: Store): Descriptor {
	const config = {mediaType: mediaTypes.config, ...store.blobs.putBytes(printImageConfig(base.config))};
	const layers = base.layers.map(
		({diffId, blob}) =>
			blob ?? {mediaType: mediaTypes.layer, digest: diffId as string as Digest, size: store.layers.get(diffId)?.size ?? 0},
	);
	return {mediaType: mediaTypes.manifest, ...store.blobs.putBytes(makeManifest({config, layers}))};
}

function findManifest({digest}: ResolvedBase, store: Store): Descriptor | undefined {
	const size = statSync(store.blobs.path(digest), {throwIfNoEntry: false})?.size;
	if (size === undefined) return undefined;
	const manifest = parseManifest(store.blobs.read({digest, size}));
	return manifest.value === undefined ? undefined : {mediaType: manifest.value.mediaType, digest, size};
}
