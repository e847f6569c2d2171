/** Where this process is in the version 2 hierarchy of control groups. */
export interface ControlGroupPlace {
	/** Where the hierarchy is mounted, as far as it can be seen. */
	readonly mountpoint: string;
	/** Below the mount point, with a leading slash: `/` is the mount point itself. */
	readonly own: string;
}

/**
 * Reads /proc/self/mountinfo (proc(5)) and /proc/self/cgroup (cgroups(7)); undefined where no version 2 hierarchy is mounted or where the
 * process is outside of what is mounted (its path begins with `/..` then).
 */
export function findControlGroup(mountinfo: string, membership: string): ControlGroupPlace | undefined {
	const path = /^0::(\/.*)$/mv.exec(membership)?.[1];
	if (path === undefined || path.startsWith('/..')) return undefined;
	for (const line of mountinfo.split('\n').toReversed()) {
		const [, root = '', mountpoint = ''] = /^\d+ \d+ \S+ (\S+) (\S+) .* - cgroup2 /v.exec(line) ?? [];
		if (root === '') continue;
		const below = beneath(unescape(root), path);
		if (below !== undefined) return {mountpoint: unescape(mountpoint), own: below};
	}
	return undefined;
}

/** A systemd unit that holds other units: processes and groups below it are systemd's business alone. */
const slice = /\.slice$/v;
/** A unit with processes: what systemd gave away with Delegate= begins here. */
const unit = /\.(?:scope|service)$/v;

/**
 * Groups in which a group for steps may be made, the nearest first: the process's own and those around it, as far as they are not
 * systemd's own; at the end the root of the hierarchy, where only root may write.
 */
export function groupsAround(own: string): readonly string[] {
	const found: string[] = [];
	for (let path = own; path !== '/' && !slice.test(path); path = parentOf(path)) {
		found.push(path);
		if (unit.test(path)) break;
	}
	return [...found, '/'];
}

function parentOf(path: string): string {
	return path.slice(0, path.lastIndexOf('/')) || '/';
}

function beneath(root: string, path: string): string | undefined {
	if (root === '/') return path;
	if (path === root) return '/';
	return path.startsWith(`${root}/`) ? path.slice(root.length) : undefined;
}

/** Blanks and backslashes are octal there. */
function unescape(text: string): string {
	return text.replaceAll(/\\([0-7]{3})/gv, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
