/** Device nodes in /dev of every step, with their numbers (Linux Documentation/admin-guide/devices.txt). */
export const deviceNumbers = {null: [1, 3], zero: [1, 5], full: [1, 7], random: [1, 8], urandom: [1, 9], tty: [5, 0]} as const;

/** Directories in /dev, which the sandbox mounts on. */
export const deviceDirectories = ['pts', 'shm', 'mqueue'] as const;

/** Symbolic links in /dev: name and target. */
export const deviceLinks = [
	['ptmx', 'pts/ptmx'],
	['fd', '/proc/self/fd'],
	['stdin', '/proc/self/fd/0'],
	['stdout', '/proc/self/fd/1'],
	['stderr', '/proc/self/fd/2'],
] as const;
