import type {RawPath} from '../core/raw-path.ts';
import type {Digest, DiffId} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {OutputSpec} from './output-spec.ts';

export interface ExportLayer {
	readonly diffId: DiffId;
	/** Bytes of the uncompressed tar. */
	readonly size: number;
	/** A blob of the store that holds it: as the base image had it. */
	readonly blob?: Descriptor;
}

export interface ExportImage {
	readonly config: ImageConfig;
	/** Bottom first. */
	readonly layers: readonly ExportLayer[];
	/** Whole names (`docker.io/library/app:latest`); the output's own `name=` comes first. */
	readonly names: readonly string[];
	/** Texts of its documents when it has some already; they are written as they are where they still fit. */
	readonly documents?: {readonly config: string; readonly manifest: string};
	/** Of the manifest. */
	readonly annotations?: Readonly<Record<string, string>>;
}

/** Gives the uncompressed tar of a layer. */
export interface LayerReader {
	open(diffId: DiffId): AsyncIterable<Uint8Array>;
}

/** The file system of an image as it is mounted read-only. */
export interface MergedTree {
	/** Absolute path of the host. */
	readonly root: string;
	/** Parents before children, in byte order; without the root itself. Content of files and of hard links' targets is below `root`. */
	entries(): Iterable<TarEntry>;
	/** Where the content of an entry is, when it is not at its path below `root`. */
	contentPath?(path: RawPath): Buffer;
}

export interface ExportContext {
	readonly store: Store;
	readonly layers: LayerReader;
	/** For `tar` and `local` outputs. */
	readonly merged?: MergedTree;
	/** Whole seconds since 1970: time of the members of image archives. */
	readonly epoch: number;
	readonly signal?: AbortSignal;
}

export interface Exported {
	/** Of the manifest that was written; absent for a plain file system. */
	readonly digest?: Digest;
}

/** One kind of output. Throws BuildError (export/...); on failure no partial file stays behind. */
export interface Exporter {
	/** True when it needs `context.merged`. */
	readonly needsTree: boolean;
	export(image: ExportImage, spec: OutputSpec, context: ExportContext): Promise<Exported>;
}
