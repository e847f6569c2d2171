import type {ExportSet} from '../../exporters/exporter.ts';
import type {LayerForm, OutputSpec} from '../../exporters/output-spec.ts';
import type {ExportLayer} from '../../exporters/exporter.ts';

/** One output of a finished build. */
export interface ExportRequest {
	readonly set: ExportSet;
	readonly spec: OutputSpec;
	/** Whole seconds since 1970. */
	readonly epoch: number;
}

/** The blob of a layer in some form. */
export interface CompressRequest {
	readonly layers: readonly ExportLayer[];
	/** Which of the layers. */
	readonly at: number;
	readonly form: LayerForm;
}
