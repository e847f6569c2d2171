import {mkdirSync, writeFileSync} from 'node:fs';
import {digestOf} from './hostile-image.ts';

export interface Described {
	readonly mediaType: string;
	readonly digest: string;
	readonly size: number;
	readonly platform?: object;
	readonly annotations?: object;
}

const oci = 'application/vnd.oci.image.';
const docker = 'application/vnd.docker.';

/** Media types by the tool that uses them. */
export const families = {
	oci: {index: `${oci}index.v1+json`, manifest: `${oci}manifest.v1+json`, config: `${oci}config.v1+json`, layer: `${oci}layer.v1.tar`},
	docker: {
		index: `${docker}distribution.manifest.list.v2+json`,
		manifest: `${docker}distribution.manifest.v2+json`,
		config: `${docker}container.image.v1+json`,
		layer: `${docker}image.rootfs.diff.tar`,
	},
} as const;

export type Family = (typeof families)[keyof typeof families];

/** A layer: its tar, and how the blob is made of it. */
export interface LayoutLayer {
	readonly tar: Buffer;
	readonly blob?: Buffer;
	/** What is appended to the media type of an uncompressed layer. */
	readonly suffix?: string;
}

export interface LayoutImage {
	readonly layers: readonly LayoutLayer[];
	readonly platform?: {readonly os: string; readonly architecture: string; readonly variant?: string};
	readonly config?: object;
	readonly family?: Family;
}

/** An OCI layout that is put together piece by piece; nothing of it is made by the program under test. */
export class ImageLayout {
	readonly directory: string;

	constructor(directory: string) {
		this.directory = directory;
		mkdirSync(`${directory}/blobs/sha256`, {recursive: true});
		writeFileSync(`${directory}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}');
	}

	put(mediaType: string, content: Buffer | object): Described {
		const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
		const digest = digestOf(bytes);
		writeFileSync(`${this.directory}/blobs/${digest.replace(':', '/')}`, bytes);
		return {mediaType, digest, size: bytes.length};
	}

	/** Descriptor with its platform. */
	image({layers, platform = {os: 'linux', architecture: 'amd64'}, config = {}, family = families.oci}: LayoutImage): Described {
		const document = {...platform, config: {}, rootfs: {type: 'layers', diff_ids: layers.map(({tar}) => digestOf(tar))}, ...config};
		const manifest = {
			schemaVersion: 2,
			mediaType: family.manifest,
			config: this.put(family.config, document),
			layers: layers.map(({tar, blob = tar, suffix = ''}) => this.put(`${family.layer}${suffix}`, blob)),
		};
		return {...this.put(family.manifest, manifest), platform};
	}

	index(manifests: readonly Described[], family: Family = families.oci): Described {
		return this.put(family.index, {schemaVersion: 2, mediaType: family.index, manifests});
	}

	/** Writes index.json. */
	finish(...manifests: readonly Described[]): void {
		writeFileSync(`${this.directory}/index.json`, JSON.stringify({schemaVersion: 2, manifests}));
	}
}
