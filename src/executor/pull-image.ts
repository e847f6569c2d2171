import {rmSync} from 'node:fs';
import {BuildError} from '../diagnostics/build-error.ts';
import type {Diagnostic} from '../diagnostics/diagnostic.ts';
import {cliNoPlatform} from '../diagnostics/image.ts';
import type {Digest} from '../core/digest.ts';
import type {IdModeName} from '../isolation/id-mode.ts';
import type {Platform} from '../oci/image-config.ts';
import {parseReference} from '../oci/reference.ts';
import {printPlatform, selectPlatform} from '../oci/select-platform.ts';
import {resolveName} from '../sources/resolve-name.ts';
import {startLiveBuild} from '../store/live-builds.ts';
import {openStore, type Store} from '../store/open-store.ts';
import {claimStoreIds} from '../store/store-ids.ts';
import type {Transfer} from './build-events.ts';
import {Remote, type RemoteRequest} from './remote.ts';
import {type OpenWorker, openWorker} from './with-worker.ts';

export interface PullRequest {
	/** Absolute path of the store. */
	readonly store: string;
	readonly platform: Platform;
	/** An image of another platform is none of those that were asked for. */
	readonly isPlatformGiven: boolean;
	readonly ids: IdModeName | 'auto';
	readonly remote: RemoteRequest;
	/** Layers are fetched, but not unpacked before something needs them. */
	readonly onlyFetch: boolean;
}

export interface PullEvents {
	warned(diagnostics: readonly Diagnostic[]): void;
	transferred(transfer: Transfer): void;
}

export interface PulledImage {
	/** Of the platform's manifest. */
	readonly digest: Digest;
	/** True when the store had every layer. */
	readonly isUnchanged: boolean;
}

/** Gets an image from its registry into the store, its layers unpacked as they come; then it gets the name, which until then is that of the image before. Throws BuildError. */
export async function pullImage(name: string, request: PullRequest, events: PullEvents, signal: AbortSignal): Promise<PulledImage> {
	const {platform, onlyFetch} = request;
	const store = openStore(request.store);
	const remote = new Remote(request.remote, {
		store,
		signal,
		noted: (note) => events.warned([note]),
		progressed: (transfer) => events.transferred(transfer),
	});
	const names: (() => Promise<void>)[] = [];
	const images = {
		...store.images,
		tag: async (...given: Parameters<typeof store.images.tag>) => void names.push(() => store.images.tag(...given)),
	};
	const bring = remote.downloads.bring.bind(remote.downloads);
	const open = (): Promise<OpenWorker> => openWorker({store: request.store, ids: request.ids, driver: 'auto', bring, signal});
	// It comes up while the registry answers, when it will be needed.
	let opened = onlyFetch || isKnown(name, store) ? undefined : open();
	opened?.catch(() => {});
	// What came is not pruned while no name needs it.
	const live = await startLiveBuild(request.store);
	try {
		const {digest, layers, config} = await resolveName(name, {store: {...store, images}, remote, platform, epoch: 0, directory: '/'});
		if (request.isPlatformGiven && selectPlatform([{platform: config}], platform) === undefined)
			throw new BuildError(cliNoPlatform(name, printPlatform(platform), [printPlatform(config)]));
		const missing = layers.filter(({diffId, blob}) =>
			onlyFetch ? blob !== undefined && !store.blobs.has(blob) : store.layers.get(diffId)?.directory === undefined,
		);
		const coming = missing.flatMap(({blob}) => (blob === undefined || store.blobs.has(blob) ? [] : [remote.downloads.fetch(blob)]));
		// Whoever unpacks them sees what fails.
		for (const blob of coming) blob.catch(() => {});
		if (onlyFetch) await Promise.all(coming);
		else if (missing.length > 0) {
			const {worker} = await (opened ??= open());
			claimStoreIds(request.store, worker.ids);
			await worker.call('unpack', {stack: {host: false, layers}});
		}
		for (const giveName of names) await giveName();
		return {digest, isUnchanged: missing.length === 0};
	} finally {
		// Before the worker deletes what is still unpacked into.
		await remote.close();
		await (await opened?.catch(() => {}))?.close();
		rmSync(live.directory, {recursive: true, force: true});
		live.release();
	}
}

function isKnown(name: string, {images}: Store): boolean {
	const reference = parseReference(name).value;
	return reference === undefined || images.resolve(reference.name) !== undefined;
}
