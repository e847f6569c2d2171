/** What helps when a probe has seen something: the first pattern that fits a fact decides. */
const remedies: readonly (readonly [pattern: RegExp, remedy: string])[] = [
	[/newuidmap is not installed|newgidmap is not installed/v, 'apt-get install uidmap (Debian, Ubuntu), dnf install shadow-utils (Fedora)'],
	[/gives \S+ no range/v, 'as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER'],
	[
		/range \[.*\) -> \[.*\) not allowed/v,
		'as root: make the ranges of /etc/subuid and /etc/subgid those that newuidmap accepts, 65536 ids each',
	],
	[/user\.max_user_namespaces is 0/v, 'as root: sysctl -w user.max_user_namespaces=10000'],
	[/kernel\.unprivileged_userns_clone is 0/v, 'as root: sysctl -w kernel.unprivileged_userns_clone=1'],
	[
		/apparmor_restrict_unprivileged_userns is 1/v,
		'as root: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile that lets node make user namespaces',
	],
	[/no_new_privs is set/v, 'start without no_new_privs (docker: no `--security-opt no-new-privileges`; systemd: NoNewPrivileges=no)'],
	[/seccomp filter/v, 'let the container make namespaces (docker, podman: `--security-opt seccomp=unconfined`), or build as root in it'],
	[/in a chroot/v, 'enter the directory with pivot_root(2) instead, as unshare --root and container runtimes do, or build as root in it'],
	[
		/a \/proc of its own/v,
		'let the container see all of /proc (docker: `--security-opt systempaths=unconfined`; podman: `--security-opt unmask=ALL`)',
	],
	[/\/dev\/fuse does not exist/v, 'as root: modprobe fuse; in a container: `--device /dev/fuse`'],
	[/\/dev\/fuse cannot be opened/v, 'give your user the right to open /dev/fuse (mode 0666 on most systems)'],
	[/fuse-overlayfs is not installed/v, 'apt-get install fuse-overlayfs'],
	[/this fuse-overlayfs/v, 'install a newer fuse-overlayfs; until then it is used only with `--driver fuse`'],
	[/lets no program run/v, 'put the store on a file system that is not mounted noexec, with --store DIR'],
	[/overlay does not work on the store/v, 'put the store on ext4, xfs, btrfs or tmpfs with --store DIR'],
	[/GB free/v, 'make room, or put the store elsewhere with --store DIR; `boxbuild prune` deletes what nothing uses'],
];

/** What to do about facts; undefined when nothing is known. */
export function remedyFor(facts: readonly string[]): string | undefined {
	for (const [pattern, remedy] of remedies) if (facts.some((fact) => pattern.test(fact))) return remedy;
	return undefined;
}
