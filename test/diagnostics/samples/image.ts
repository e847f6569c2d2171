import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import * as image from '../../../src/diagnostics/image.ts';

export const samples: readonly Diagnostic[] = [
	image.cliAmbiguousImage('sha256:0123ab', [`sha256:0123ab${'0'.repeat(58)}`, `sha256:0123ab${'1'.repeat(58)}`]),
	image.cliNoPlatform('app', 'linux/arm64', ['linux/amd64', 'linux/arm/v7']),
	image.cliNoPlatform('app', 'linux/arm64', []),
	image.cliPlatformsMissing('app', ['linux/amd64'], ['linux/arm64', 'linux/arm/v7']),
	image.cliPlatformsMissing('app', [], ['linux/arm64']),
	image.cliNotAFile('app', '/etc', 'directory'),
	image.cliNotAFile('app', '/dev/null', 'character device'),
	image.cliLinkLoop('app', '/etc/loop'),
	image.cliUntaggedImage('sha256:0123ab'),
	image.cliDigestInName(`app@sha256:${'0'.repeat(64)}`),
	image.cliOddHistory('app', 2, 3),
];
