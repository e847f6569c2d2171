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
	if (isChroot()) facts.push('this program runs in a chroot, where nobody can make user namespaces (user_namespaces(7))');
	return facts;
}

/** The root of a mount namespace is a mount point; the directory of a chroot(2) need not be one (proc_pid_mountinfo(5), field 5). */
function isChroot(): boolean {
	const mounts = read('/proc/self/mountinfo');
	return mounts !== undefined && !mounts.split('\n').some((line) => line.split(' ')[4] === '/');
}

function read(path: string): string | undefined {
	try {
		return readFileSync(path, 'utf8').trim();
	} catch {
		return undefined;
	}
}
