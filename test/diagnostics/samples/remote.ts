import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import {
	checksumMismatch,
	contextBoxfileOutside,
	contextArchiveRefused,
	gitFailed,
	gitMissing,
	gitNoDirectory,
	gitNoRef,
	remoteFailed,
} from '../../../src/diagnostics/remote.ts';

const repository = 'https://example.org/tool.git';

export const samples: readonly Diagnostic[] = [
	contextArchiveRefused('leads above the root', '../passwd'),
	contextBoxfileOutside('Boxfile'),
	checksumMismatch('https://example.org/tool.tar.gz', `sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`),
	gitFailed(repository, 'read', ['fatal: repository not found']),
	gitMissing(),
	gitNoDirectory(repository, 'docs/here', '`docs` is a symbolic link'),
	gitNoRef(repository, 'v9'),
	remoteFailed('https://example.org/tool.tar.gz', 'the server answered 404'),
];
