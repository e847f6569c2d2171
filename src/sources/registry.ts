import type {FileReference, Source} from './source.ts';

/** Every transport of a file reference; each is loaded when it is used. */
export const sources: Readonly<Record<FileReference['kind'], () => Promise<Source>>> = {
	oci: async () => (await import('./oci-layout.ts')).ociLayout,
	'oci-archive': async () => (await import('./oci-archive.ts')).ociArchive,
	'docker-archive': async () => (await import('./docker-archive.ts')).dockerArchive,
	tar: async () => (await import('./tar-file.ts')).tarFile,
	dir: async () => (await import('./directory.ts')).directory,
};
