import type {Exporter} from './exporter.ts';
import type {OutputType} from './output-spec.ts';

/** Every kind of output that is a file or directory; each is loaded when it is used. */
export const exporters: Readonly<Record<Exclude<OutputType, 'registry'>, () => Promise<Exporter>>> = {
	oci: async () => (await import('./oci.ts')).oci,
	docker: async () => (await import('./docker.ts')).docker,
	tar: async () => (await import('./tar.ts')).tar,
	local: async () => (await import('./local.ts')).local,
};
