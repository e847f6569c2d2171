import {closeSync, constants, mkdirSync, openSync} from 'node:fs';
import {unlessMissing} from './errno.ts';

/** fcntl.h: a descriptor that only names a file. */
export const openPathOnly = 0o10000000;

/**
 * Opens a directory below `root` component by component, making what is missing; a symlink on the way is ELOOP or ENOTDIR, never followed,
 * whatever somebody else does to the tree meanwhile. The caller closes the descriptor.
 */
export function openBeneath(root: string, path: string): number {
	let fd = openSync(root, openPathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW);
	for (const part of path.split('/').filter((name) => name !== '')) {
		const at = `/proc/self/fd/${fd}/${part}`;
		const flags = openPathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;
		try {
			const next =
				unlessMissing(() => openSync(at, flags)) ??
				(() => {
					mkdirSync(at, 0o755);
					return openSync(at, flags);
				})();
			closeSync(fd);
			fd = next;
		} catch (error) {
			closeSync(fd);
			throw error;
		}
	}
	return fd;
}

/** Makes an empty file or a directory below `root`, and the directories above it, unless something of that kind is there. */
export function makeBeneath(root: string, path: string, kind: 'file' | 'directory'): void {
	if (kind === 'directory') {
		closeSync(openBeneath(root, path));
		return;
	}
	const slash = path.lastIndexOf('/');
	const directory = openBeneath(root, path.slice(0, Math.max(0, slash)));
	try {
		const flags = constants.O_CREAT | constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
		closeSync(openSync(`/proc/self/fd/${directory}/${path.slice(slash + 1)}`, flags, 0o644));
	} finally {
		closeSync(directory);
	}
}
