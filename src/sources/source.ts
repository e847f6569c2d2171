import type {ChainId, Digest, DiffId} from '../core/digest.ts';
import type {Descriptor} from '../oci/descriptor.ts';
import type {ImageConfig, Platform} from '../oci/image-config.ts';
import type {BaseReference} from '../plan/plan.ts';
import type {Store} from '../store/open-store.ts';
import type {RemoteImages} from './remote-images.ts';

export interface SourceContext {
	readonly store: Store;
	/** Absent: only what is at hand counts. */
	readonly remote?: RemoteImages;
	readonly platform: Platform;
	/** Whole seconds since 1970: `created` of configurations that a source makes itself. */
	readonly epoch: number;
	/** Where relative paths start: the context directory. */
	readonly directory: string;
	/** False: a file is read whether or not it was read before, and not remembered. */
	readonly remembers?: false;
	/** The uncompressed tar of a directory, made inside the namespace (for `dir:`). */
	readonly packDirectory?: (path: string) => AsyncIterable<Uint8Array>;
}

export interface ResolvedLayer {
	readonly diffId: DiffId;
	/**
	 * In the store, digest and size verified, or expected from a registry; whoever unpacks it verifies the diffID. Absent when the store has the layer
	 * as a directory only.
	 */
	readonly blob?: Descriptor;
}

export interface ResolvedBase {
	readonly config: ImageConfig;
	/** Bottom first, one per `config.rootfs.diff_ids`. */
	readonly layers: readonly ResolvedLayer[];
	/** Of the manifest. */
	readonly digest: Digest;
	/** Of all layers, when somebody has computed it. */
	readonly chain?: ChainId;
}

/** One transport. Throws BuildError (base/...) for everything that is wrong with the base. */
export interface Source {
	resolve(reference: FileReference, context: SourceContext): Promise<ResolvedBase>;
}

/** A base that is looked up in files. `path` is absolute here. */
export type FileReference = Extract<BaseReference, {readonly path: string}>;

/** A reference as people write it. */
export function printBase(reference: BaseReference): string {
	if (reference.kind === 'name') return reference.name;
	if (!('path' in reference)) return reference.kind;
	return `${reference.kind}:${reference.path}${reference.tag === undefined ? '' : `:${reference.tag}`}`;
}
