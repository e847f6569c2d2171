import * as archive from '../../../src/diagnostics/archive.ts';
import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';

export const samples: readonly Diagnostic[] = [
	archive.archiveRefused({kind: 'escape', entry: '../../etc/passwd'}),
	archive.archiveRefused({kind: 'truncated'}),
	archive.layerFileChanged('usr/bin/env', 48_536, 48_000),
	archive.copySourceChanged('src/generated.js'),
	archive.copyOverOther('/usr/bin', 'file', 'directory'),
	archive.copyOverOther('/etc/motd', 'directory', 'file'),
	archive.copyWhiteoutName('/.wh.etc'),
	archive.copyNeedsDirectory('/app'),
	archive.copyDestinationLoops('/a/b'),
	archive.unknownMode('rwx'),
	archive.unknownOwner('user', 'www', '/etc/passwd'),
	archive.ownerOutOfRange('user', '2147483648'),
	archive.unusableAccountFile('/etc/passwd', 'it is no regular file'),
];
