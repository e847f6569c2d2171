import type {Diagnostic} from '../../../src/diagnostics/diagnostic.ts';
import {
	registryBadConfig,
	registryBlocked,
	registryDenied,
	registryMirrorFailed,
	registryNeedsInsecure,
	registryNotFound,
	registryRateLimited,
	registryRefused,
	registryTls,
	registryUnauthorized,
	registryUnavailable,
	registryUnreachable,
	registryUnsupportedAnswer,
	registryWrongDigest,
} from '../../../src/diagnostics/registry.ts';

const host = 'registry.example.org';
const subject = `${host}/team/tool:1`;
const refusal = (...said: readonly string[]) => ({subject, host, said});

export const samples: readonly Diagnostic[] = [
	registryBadConfig('/etc/containers/registries.conf', 'line 3: a value is missing'),
	registryBlocked(subject, '/etc/containers/registries.conf'),
	registryDenied(refusal('the registry answered 403', 'DENIED: requested access to the resource is denied')),
	registryMirrorFailed('mirror.example.org', 'the registry answered 404'),
	registryNeedsInsecure(host, 'it answers a TLS greeting with something else'),
	registryNotFound(subject, ['the registry answered 404', 'MANIFEST_UNKNOWN: manifest unknown']),
	registryRateLimited(refusal('the registry answered 429', 'TOOMANYREQUESTS: too many \u001B[31mrequests')),
	registryRefused(refusal('the registry answered 400', ...Array.from({length: 9}, (_, at) => `${at}: ${'x'.repeat(at === 0 ? 400 : 1)}`))),
	registryTls(host, 'its certificate has expired'),
	registryUnauthorized(refusal('the registry answered 401'), ['/home/me/.docker/config.json', '`docker-credential-pass`'], undefined),
	registryUnauthorized(refusal('the registry answered 401'), [], undefined),
	registryUnauthorized(refusal('the token server answered 401'), [], '/home/me/.docker/config.json'),
	registryUnavailable(refusal('the registry answered 503')),
	registryUnreachable(subject, host, 'the connection ended with ECONNREFUSED, 5 times'),
	registryUnsupportedAnswer(subject, host, 'its answer has no `Location`'),
	registryWrongDigest(`${subject}`, `sha256:${'0'.repeat(64)}`, `sha256:${'1'.repeat(64)}`),
];
