import type {Digest} from '../core/digest.ts';
import type {ExportImage, ExportLayer, ExportSet} from '../exporters/exporter.ts';
import {namesOf} from '../exporters/image-members.ts';
import {type LayerBlob, nameOfBlob} from '../exporters/layer-blob.ts';
import type {OutputSpec} from '../exporters/output-spec.ts';
import {type ImageParts, type NamedDocument, setParts} from '../exporters/set-parts.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import {parseReference, type Reference} from '../oci/reference.ts';
import type {BlobContent} from '../registry/push-blob.ts';
import type {RegistryClient} from '../registry/registry-client.ts';
import type {Store} from '../store/open-store.ts';
import {storedContent} from '../registry/stored-content.ts';
import {limit} from './limit.ts';
import type {Remote} from './remote.ts';
import type {Transfer} from './build-events.ts';
import type {Attesting} from './write-outputs.ts';
import type {WorkerClient} from './worker-client.ts';

/** Layers that are sent at the same time. */
const concurrency = 4;

export interface PushContext {
	readonly store: Store;
	readonly remote: Remote;
	/** Compresses layers that are no blobs yet; not started when all are. */
	readonly worker: () => Promise<WorkerClient>;
	readonly progressed: (transfer: Transfer) => void;
	/** Says what is pushed along with images. */
	readonly attesting?: Attesting;
}

/** Puts a set into registries under all its names; what is there is not sent again. Returns the digest of its manifest or index. */
export async function pushImages(set: ExportSet, spec: OutputSpec, context: PushContext): Promise<Digest | undefined> {
	const references = namesOf(set, spec).flatMap((name) => parseReference(name).value ?? []);
	const registry = await context.remote.registry();
	const push = new Push(set, spec, {...context, registry});
	for (const reference of references) await push.to(reference);
	return push.digest;
}

class Push {
	digest: Digest | undefined;
	readonly #set: ExportSet;
	readonly #spec: OutputSpec;
	readonly #context: PushContext & {readonly registry: RegistryClient};
	readonly #oneAtATime = limit(1);
	readonly #limited = limit(concurrency);
	readonly #described = new Map<ExportLayer, Promise<Descriptor>>();
	/** `registry/repository` that have everything. */
	readonly #filled: Reference[] = [];

	constructor(set: ExportSet, spec: OutputSpec, context: PushContext & {readonly registry: RegistryClient}) {
		this.#set = set;
		this.#spec = spec;
		this.#context = context;
	}

	async to(reference: Reference): Promise<void> {
		const {registry} = this.#context;
		const layers = await Promise.all(this.#set.images.map((image) => this.#sendLayers(image, reference)));
		const {images, index, target} = setParts(this.#set, layers, 'kept');
		for (const {config, manifest} of images) {
			await registry.pushBlob(reference, contentOf(config), {mountFrom: this.#mountFrom(reference, config.descriptor)});
			// Those of an index are known by their digests.
			await pushDocument(registry, index === undefined ? reference : withoutTag(reference), manifest);
		}
		if (index !== undefined) await pushDocument(registry, reference, index);
		for (const [at, image] of this.#set.images.entries()) await this.#sendReferrers(image, images[at], reference);
		this.#filled.push(reference);
		this.digest = target.digest;
	}

	/** After the image itself: it is what they tell of. */
	async #sendReferrers(image: ExportImage, parts: ImageParts | undefined, reference: Reference): Promise<void> {
		const {attesting, store, registry} = this.#context;
		if (attesting === undefined || parts === undefined) return;
		const {referrersOf} = await import('./attest-set.ts');
		for (const {manifest, blobs} of await referrersOf(image, parts, {store, attesting})) {
			for (const blob of blobs) await registry.pushBlob(reference, storedContent(store.blobs, blob));
			await registry.pushReferrer(reference, parts.manifest.descriptor.digest, store.blobs.read(manifest), manifest.mediaType);
		}
	}

	#sendLayers(image: ExportImage, reference: Reference): Promise<LayerBlob[]> {
		return Promise.all(
			image.layers.map(async (layer): Promise<LayerBlob> => {
				const descriptor = await this.#describe(image, layer, reference);
				await this.#limited(() => this.#send(descriptor, reference));
				return {descriptor, open: () => this.#read(descriptor, 0)};
			}),
		);
	}

	async #send(descriptor: Descriptor, reference: Reference): Promise<void> {
		const {digest, size} = descriptor;
		const content = {digest, size, open: (offset: number) => this.#read(descriptor, offset)};
		await this.#context.registry.pushBlob(reference, content, {mountFrom: this.#mountFrom(reference, descriptor)});
	}

	/** A blob that can be read here, or need not be because the repository has it; else the layer is compressed. */
	async #describe(image: ExportImage, layer: ExportLayer, reference: Reference): Promise<Descriptor> {
		const named = nameOfBlob(layer, this.#spec, this.#context.store);
		const known = this.#described.get(layer) ?? (named !== undefined && this.#canRead(named) ? Promise.resolve(named) : undefined);
		if (known !== undefined) return known;
		// Only for this repository: the next one may need the bytes.
		if (named !== undefined && (await this.#context.registry.hasBlob(reference, named))) return named;
		const made = this.#described.get(layer) ?? this.#compress(image, layer);
		this.#described.set(layer, made);
		return made;
	}

	/** It is in the store, or there on the way. */
	#canRead(blob: Descriptor): boolean {
		const {store, remote} = this.#context;
		return store.blobs.has(blob) || remote.downloads.knows(blob.digest);
	}

	#compress({layers}: ExportImage, layer: ExportLayer): Promise<Descriptor> {
		const {worker} = this.#context;
		const {compression, level, force} = this.#spec;
		const request = {layers, at: layers.indexOf(layer), form: {compression, level, force}};
		// Each uses all threads of the pool.
		return this.#oneAtATime(async () => (await worker()).call('compress', request));
	}

	/** Repositories of the same registry that have the blob. */
	#mountFrom({registry, repository}: Reference, {digest}: Descriptor): readonly string[] {
		const filled = this.#filled.filter((other) => other.registry === registry).map((other) => other.repository);
		const found = [...filled, ...this.#context.remote.downloads.repositoriesOf(digest, registry)];
		return [...new Set(found)].filter((name) => name !== repository);
	}

	/** A layer of a base may still be in its registry only. */
	async *#read(blob: Descriptor, offset: number): AsyncGenerator<Uint8Array> {
		const {store, remote, progressed} = this.#context;
		if (!store.blobs.has(blob) && remote.downloads.knows(blob.digest)) await remote.downloads.fetch(blob);
		const {digest, size} = blob;
		let bytes = offset;
		for await (const chunk of storedContent(store.blobs, blob).open(offset)) {
			bytes += chunk.length;
			progressed({kind: 'push', digest, bytes, size});
			yield chunk;
		}
	}
}

function contentOf({descriptor: {digest, size}, text}: NamedDocument): BlobContent {
	const bytes = Buffer.from(text);
	return {
		digest,
		size,
		async *open(offset) {
			yield bytes.subarray(offset);
		},
	};
}

async function pushDocument(registry: RegistryClient, reference: Reference, {descriptor, text}: NamedDocument): Promise<void> {
	await registry.pushDocument(reference, Buffer.from(text), descriptor.mediaType);
}

function withoutTag({registry, repository, name}: Reference): Reference {
	return {registry, repository, name};
}
