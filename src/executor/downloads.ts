import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {internalBug} from '../diagnostics/internal.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {RegistryClient, Repository} from '../registry/registry-client.ts';
import {registryWrongDigest} from '../diagnostics/registry.ts';
import type {BlobWriter} from '../store/blob-writer.ts';
import type {Store} from '../store/open-store.ts';
import {limit} from './limit.ts';
import type {BlobNews} from './worker/protocol.ts';

/** Blobs that come at the same time. */
const concurrency = 4;

export interface DownloadOptions {
	readonly store: Store;
	readonly registry: () => Promise<RegistryClient>;
	/** Bytes that are there, of those that come. */
	readonly progressed: (blob: Descriptor, bytes: number) => void;
}

interface Source {
	readonly blob: Descriptor;
	readonly from: Repository;
}

/** Layers of registries: nothing is fetched before somebody needs it, and each blob once. */
export class Downloads {
	readonly #options: DownloadOptions;
	readonly #sources = new Map<Digest, Source>();
	readonly #running = new Map<Digest, Promise<void>>();
	readonly #limited = limit(concurrency);

	constructor(options: DownloadOptions) {
		this.#options = options;
	}

	/** Says where a blob can be had. */
	expect(blob: Descriptor, from: Repository): void {
		this.#sources.set(blob.digest, {blob, from});
	}

	knows(digest: Digest): boolean {
		return this.#sources.has(digest);
	}

	/** Repositories of a registry that have the blob. */
	repositoriesOf(digest: Digest, registry: string): readonly string[] {
		const from = this.#sources.get(digest)?.from;
		return from?.registry === registry ? [from.repository] : [];
	}

	/** Brings a blob; tells where it grows, and what became of it. */
	bring(blob: Descriptor, tell: (news: BlobNews) => void): void {
		const {digest} = blob;
		if (this.#options.store.blobs.has(blob)) return tell({digest, kind: 'there'});
		if (!this.#sources.has(digest)) return tell({digest, kind: 'unknown'});
		this.fetch(blob, (path) => tell({digest, kind: 'coming', path})).then(
			() => tell({digest, kind: 'there'}),
			(error: unknown) => {
				const bug = (): BuildError => new BuildError(internalBug(error instanceof Error ? (error.stack ?? error.message) : String(error)));
				tell({digest, kind: 'failed', diagnostics: (error instanceof BuildError ? error : bug()).diagnostics});
			},
		);
	}

	/** Resolves when the blob is in the store. Throws BuildError. */
	async fetch({digest}: Pick<Descriptor, 'digest'>, coming: (path: string) => void = () => {}): Promise<void> {
		const source = this.#sources.get(digest);
		if (source === undefined) throw new TypeError(`nobody knows where ${digest} comes from`);
		const running = this.#running.get(digest) ?? this.#limited(() => this.#run(source, coming)).finally(() => this.#running.delete(digest));
		this.#running.set(digest, running);
		await running;
	}

	async #run({blob, from}: Source, coming: (path: string) => void): Promise<void> {
		const {store, registry} = this.#options;
		if (store.blobs.has(blob)) return;
		const client = await registry();
		const attempt = async (told: (path: string) => void): Promise<void> => {
			const writer = store.blobs.writer(blob);
			told(writer.path);
			await this.#write(client.blob(from, blob), {blob, from}, writer);
		};
		try {
			await attempt(coming);
		} catch (error) {
			// A mirror that gave other bytes is not asked again.
			if (!(error instanceof BuildError) || error.diagnostics[0]?.code !== 'registry/wrong-digest') throw error;
			await attempt(() => {});
		}
	}

	async #write(bytes: AsyncIterable<Uint8Array>, {blob, from: {registry, repository}}: Source, writer: BlobWriter): Promise<void> {
		const {progressed} = this.#options;
		let done = 0;
		try {
			for await (const chunk of bytes) {
				writer.write(chunk);
				done += chunk.length;
				progressed(blob, done);
			}
			writer.finish();
		} catch (error) {
			throw wrongDigest(error, `${registry}/${repository}`);
		} finally {
			writer.abort();
		}
	}
}

/** What the store found is the registry's doing. */
function wrongDigest(error: unknown, from: string): unknown {
	const found = error instanceof BuildError ? error.diagnostics[0] : undefined;
	if (found?.code !== 'store/blob-damaged') return error;
	return new BuildError(registryWrongDigest(from, String(found.data?.['digest']), String(found.data?.['found'])), {cause: error});
}
