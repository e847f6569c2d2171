import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import {
	checksumMismatch,
	contextBoxfileOutside,
	contextArchiveRefused,
	gitFailed,
	gitHostKey,
	gitMissing,
	gitNoDirectory,
	gitNoRef,
	gitSshDenied,
	gitSshMissing,
	remoteFailed,
} from '../../../src/diagnostics/remote.ts';

const ssh = 'ssh://git@example.org/tool.git';
const repository = 'https://example.org/tool.git';

export const samples: readonly Diagnostic[] = [
	contextArchiveRefused('the archive on standard input', 'leads above the root', '../passwd'),
	contextArchiveRefused('the archive at `https://example.org/site.tar.gz`', 'is empty', undefined),
	contextBoxfileOutside('Boxfile'),
	checksumMismatch('https://example.org/tool.tar.gz', `sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`),
	gitFailed(repository, 'read', ['fatal: repository not found']),
	gitMissing(),
	gitNoDirectory(repository, 'docs/here', '`docs` is a symbolic link'),
	gitNoRef(repository, 'v9', undefined),
	gitNoRef(repository, 'mian', 'main'),
	gitHostKey({repository: ssh, host: '-p 2222 example.org', output: ['Host key verification failed.']}),
	gitHostKey({
		repository: ssh,
		host: 'example.org',
		output: ['WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!', 'SHA256:abcdef.', 'Host key verification failed.'],
	}),
	gitSshDenied({repository: ssh, host: 'example.org', output: ['x@example.org: Permission denied (publickey).'], hasAgent: false}),
	gitSshDenied({repository: ssh, host: 'example.org', output: [], hasAgent: true}),
	gitSshMissing(ssh),
	remoteFailed('https://example.org/tool.tar.gz', 'the server answered 404'),
];
