import {readFileSync} from 'node:fs';

/** What this kernel says about user namespaces, as sentences; only what speaks against them. */
export function namespaceObstacles(): string[] {
	const facts: string[] = [];
	if (read('/proc/sys/user/max_user_namespaces') === '0') facts.push('user.max_user_namespaces is 0');
	if (read('/proc/sys/kernel/unprivileged_userns_clone') === '0') facts.push('kernel.unprivileged_userns_clone is 0');
	if (read('/proc/sys/kernel/apparmor_restrict_unprivileged_userns') === '1')
		facts.push('kernel.apparmor_restrict_unprivileged_userns is 1');
	if (/^Seccomp:\s*2$/mv.test(read('/proc/self/status') ?? '')) facts.push('a seccomp filter is in force (as in a container)');
	if (/^NoNewPrivs:\s*1$/mv.test(read('/proc/self/status') ?? '')) facts.push('no_new_privs is set, so newuidmap cannot work');
	return facts;
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return undefined;
	}
}
