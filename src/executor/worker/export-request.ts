import type {ExportImage} from '../../exporters/exporter.ts';
import type {OutputSpec} from '../../exporters/output-spec.ts';
import type {LayerReference} from './protocol.ts';

/** One output of a finished image. */
export interface ExportRequest {
	readonly image: ExportImage;
	readonly spec: OutputSpec;
	/** Whole seconds since 1970. */
	readonly epoch: number;
	/** The image's layers, bottom first. */
	readonly layers: readonly LayerReference[];
}
