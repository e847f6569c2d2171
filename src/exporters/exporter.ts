import type {RawPath} from '../core/raw-path.ts';
import type {Digest, DiffId} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {Annotation} from '../oci/annotations.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import type {Store} from '../store/open-store.ts';
import type {TarEntry} from '../tar/entry.ts';
import type {OutputSpec} from './output-spec.ts';

export interface ExportLayer {
	readonly diffId: DiffId;
	/** Bytes of the uncompressed tar; 0 as long as nobody has unpacked it. */
	readonly size: number;
	/** A blob of the store that holds it: as the base image had it. */
	readonly blob?: Descriptor;
}

/** A manifest of the store that tells of another one, and the blobs that it names. */
export interface Referrer {
	/** With its type and annotations. */
	readonly manifest: Descriptor;
	readonly blobs: readonly Descriptor[];
}

/** The image of one platform. */
export interface ExportImage {
	readonly config: ImageConfig;
	/** Bottom first. */
	readonly layers: readonly ExportLayer[];
	/** What is said of the manifest that this output gives the image. */
	readonly referrers?: readonly Referrer[];
	/** Texts of its documents when it has some already; they are written as they are where they still fit. */
	readonly documents?: {readonly config: string; readonly manifest: string};
}

/** What one output gets: an image, or the images of several platforms. */
export interface ExportSet {
	readonly images: readonly ExportImage[];
	/** True: the target is an index, even of one image. */
	readonly isIndex: boolean;
	/** Whole names (`docker.io/library/app:latest`); the output's own `name=` counts instead of them. */
	readonly names: readonly string[];
	readonly annotations: readonly Annotation[];
	/** Text of its index when it has one already; it is written as it is where it still fits. */
	readonly index?: string;
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
	/** For `tar` and `local` outputs: the tree of an image. */
	readonly merged?: (image: ExportImage) => MergedTree;
	/** Whole seconds since 1970: time of the members of image archives. */
	readonly epoch: number;
	readonly signal?: AbortSignal;
}

export interface Exported {
	/** Of the manifest or index that was written; absent for a plain file system. */
	readonly digest?: Digest;
}

/** One kind of output. Throws BuildError (export/...); on failure no partial file stays behind. */
export interface Exporter {
	/** True when it needs `context.merged`. */
	readonly needsTree: boolean;
	export(set: ExportSet, spec: OutputSpec, context: ExportContext): Promise<Exported>;
}
