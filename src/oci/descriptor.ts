import type {Digest} from '../core/digest.ts';
import type {Platform} from './image-config.ts';

/** What names a blob (OCI image-spec, descriptor.md): readers check digest and size. */
export interface Descriptor {
	readonly mediaType: string;
	readonly digest: Digest;
	readonly size: number;
	readonly annotations?: Readonly<Record<string, string>>;
	/** Only in an index. */
	readonly platform?: Platform;
	/** Of a manifest that is no image. Only in an index. */
	readonly artifactType?: string;
}

/** Annotation under which an index names an image (OCI image-spec, annotations.md). */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';
