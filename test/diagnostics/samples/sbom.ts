import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as sbom from '../../../src/diagnostics/sbom.ts';

const diffId = `sha256:${'ab'.repeat(32)}`;

export const samples: readonly Diagnostic[] = [
	sbom.sbomDatabaseUnreadable({path: 'var/lib/dpkg/status', layer: 2, diffId, problem: 'its paragraph 3 has no version'}),
	sbom.sbomIncomplete({path: 'app/node_modules/a/package.json', layer: 0, diffId, problem: 'it has no name or no version'}),
];
