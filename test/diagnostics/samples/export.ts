import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as output from '../../../src/diagnostics/export.ts';

const digest = `sha256:${'ab'.repeat(32)}`;

export const samples: readonly Diagnostic[] = [
	output.outputMalformed('type=oic,dest=x', 'there is no type `oic`', 'oci'),
	output.exportFailed('out/image.tar', 'ENOENT'),
	output.exportThroughLink('out', 'etc'),
	output.exportIntoOther('out', 'a file, not a directory'),
	output.exportLayerChanged(digest, `sha256:${'cd'.repeat(32)}`),
	output.exportNeedsTree('local'),
	output.exportOnePlatform('docker', 2),
	output.exportNoZstd(),
];
