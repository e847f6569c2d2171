import {subordinateIds} from './requirements.ts';

/** The start of a command line that makes the rest of it run as root of as many ids as this user can have, in namespaces of its own. */
export function asNamespaceRoot(...more: readonly string[]): readonly string[] {
	const rest = ['--mount', '--pid', '--fork', '--kill-child=KILL', ...more, '--'];
	if (process.getuid?.() === 0) return ['unshare', ...rest];
	if (subordinateIds.holds) return ['unshare', '--user', '--map-auto', '--map-root-user', '--setuid', '0', '--setgid', '0', ...rest];
	return ['unshare', '--user', '--map-root-user', ...rest];
}
