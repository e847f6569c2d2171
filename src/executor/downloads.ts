import type {Digest} from '../core/digest.ts';
import {BuildError} from '../diagnostics/build-error.ts';
import {internalBug} from '../diagnostics/internal.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {RegistryClient, Repository} from '../registry/registry-client.ts';
import {originOf} from '../store/blob-origins.ts';
import type {Store} from '../store/open-store.ts';
import {limit} from './limit.ts';
import type {BlobNews} from './worker/protocol.ts';

/** Blobs that come at the same time. */
const concurrency = 4;

export interface DownloadOptions {
	readonly store: Store;
	readonly registry: () => Promise<RegistryClient>;
	readonly signal: AbortSignal;
	/** Bytes that are there, of those that come. */
	readonly progressed: (blob: Descriptor, bytes: number) => void;
}

interface Running {
	readonly done: Promise<void>;
	/** The file in which it grows. */
	path?: string;
	readonly listeners: ((path: string) => void)[];
}

/** Layers of registries: nothing is fetched before somebody needs it, and each blob once. */
export class Downloads {
	readonly #options: DownloadOptions;
	readonly #sources = new Map<Digest, () => Repository>();
	readonly #running = new Map<Digest, Running>();
	readonly #limited = limit(concurrency);

	constructor(options: DownloadOptions) {
		this.#options = options;
	}

	/** Says who knows where a blob can be had: most are never asked for. */
	expect(blob: Descriptor, from: () => Repository): void {
		this.#sources.set(blob.digest, from);
	}

	knows(digest: Digest): boolean {
		return this.#sourceOf(digest) !== undefined;
	}

	/** Repositories of a registry that have the blob. */
	repositoriesOf(digest: Digest, registry: string): readonly string[] {
		const from = this.#sourceOf(digest);
		return from?.registry === registry ? [from.repository] : [];
	}

	/** Brings a blob; tells where it grows, and what became of it. */
	bring(blob: Descriptor, tell: (news: BlobNews) => void): void {
		const {digest} = blob;
		if (this.#options.store.blobs.has(blob)) return tell({digest, kind: 'there'});
		if (!this.knows(digest)) return tell({digest, kind: 'unknown'});
		this.fetch(blob, (path) => tell({digest, kind: 'coming', path})).then(
			() => tell({digest, kind: 'there'}),
			(error: unknown) => {
				const bug = (): BuildError => new BuildError(internalBug(error instanceof Error ? (error.stack ?? error.message) : String(error)));
				tell({digest, kind: 'failed', diagnostics: (error instanceof BuildError ? error : bug()).diagnostics});
			},
		);
	}

	/** Resolves when the blob is in the store; `coming` is told the file in which it grows. Throws BuildError. */
	async fetch(blob: Descriptor, coming: (path: string) => void = () => {}): Promise<void> {
		const {digest} = blob;
		const from = this.#sourceOf(digest);
		if (from === undefined) throw new TypeError(`nobody knows where ${digest} comes from`);
		const running = this.#running.get(digest) ?? this.#start(blob, from);
		if (running.path !== undefined) coming(running.path);
		running.listeners.push(coming);
		await running.done;
	}

	#start(blob: Descriptor, from: Repository): Running {
		const listeners: ((path: string) => void)[] = [];
		const started = (path: string): void => {
			running.path = path;
			for (const listener of listeners) listener(path);
		};
		const done = this.#limited(() => this.#run(blob, from, started)).finally(() => this.#running.delete(blob.digest));
		const running: Running = {done, listeners};
		this.#running.set(blob.digest, running);
		return running;
	}

	/** What was said, or what an earlier command has noted. */
	#sourceOf(digest: Digest): Repository | undefined {
		return this.#sources.get(digest)?.() ?? originOf(this.#options.store.memo, digest);
	}

	async #run(blob: Descriptor, from: Repository, coming: (path: string) => void): Promise<void> {
		const {store, registry, signal, progressed} = this.#options;
		if (store.blobs.has(blob)) return;
		const {downloadBlob} = await import('../registry/download-blob.ts');
		const report = (bytes: number): void => progressed(blob, bytes);
		await downloadBlob(from, blob, {client: await registry(), store, signal, started: coming, progressed: report});
	}
}
