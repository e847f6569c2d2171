/** Media types of the OCI image-spec (media-types.md) and of Docker's image manifest version 2, schema 2. */
export const mediaTypes = {
	index: 'application/vnd.oci.image.index.v1+json',
	manifest: 'application/vnd.oci.image.manifest.v1+json',
	config: 'application/vnd.oci.image.config.v1+json',
	layer: 'application/vnd.oci.image.layer.v1.tar',
	layerGzip: 'application/vnd.oci.image.layer.v1.tar+gzip',
	layerZstd: 'application/vnd.oci.image.layer.v1.tar+zstd',
	dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
	dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
	dockerConfig: 'application/vnd.docker.container.image.v1+json',
	dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
	dockerLayerGzip: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
	dockerLayerZstd: 'application/vnd.docker.image.rootfs.diff.tar.zstd',
} as const;

/** How the bytes of a layer blob are compressed, by its media type; undefined for what is no layer of a root file system. */
export function compressionOf(mediaType: string): 'none' | 'gzip' | 'zstd' | undefined {
	switch (mediaType) {
		case mediaTypes.layer:
		case mediaTypes.dockerLayer:
			return 'none';
		case mediaTypes.layerGzip:
		case mediaTypes.dockerLayerGzip:
			return 'gzip';
		case mediaTypes.layerZstd:
		case mediaTypes.dockerLayerZstd:
			return 'zstd';
		default:
			return undefined;
	}
}

/** The type of a layer in manifests of OCI, by its compression. */
export const layerTypes = {none: mediaTypes.layer, gzip: mediaTypes.layerGzip, zstd: mediaTypes.layerZstd} as const;

/** Layers that a manifest only points at (media-types.md, nondistributable layers; Docker's foreign layers). */
export function isForeignLayer(mediaType: string): boolean {
	return /^application\/vnd\.(?:oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/v.test(mediaType);
}

export function isIndexType(mediaType: string): boolean {
	return mediaType === mediaTypes.index || mediaType === mediaTypes.dockerIndex;
}

export function isManifestType(mediaType: string): boolean {
	return mediaType === mediaTypes.manifest || mediaType === mediaTypes.dockerManifest;
}
