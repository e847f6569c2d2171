import * as base from '../../../src/diagnostics/base.ts';
import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';

export const samples: readonly Diagnostic[] = [
	base.baseNotInStore('debian:12'),
	base.baseNotFound('oci:image', 'there is no such file'),
	base.baseOutsideContext('dir:/etc'),
	base.baseUnreadable('tar:root.tar', 'EACCES'),
	base.baseDamaged('oci-archive:image.tar', 'it has no member `index.json`: it is no OCI archive'),
	base.baseMalformed('the image manifest', 'it is a manifest and an index at once'),
	base.baseUnsupported(
		'the image manifest',
		'it is a Docker manifest of schema 1',
		'convert it: `skopeo copy --format oci docker://IMAGE oci:DIR`',
	),
	base.baseNoPlatform('oci:image', 'linux/arm64', ['linux/amd64']),
	base.baseNoTag('oci:image', 'v2', ['v1']),
	base.baseAmbiguous('oci:image', ['v1', 'v2']),
	base.baseReferenceMalformed('Debian:12', '`Debian` is not made of lower-case letters and digits, with single separators between them'),
	base.baseMissingProgram('zstd', 'zstd'),
	base.baseCompressionDamaged('gzip', 'unexpected end of file'),
	base.baseCannotPack('dir:root'),
];
