/** A file that a tool's tree has otherwise than the image, and why that is the tool's doing. */
export interface KnownDifference {
	readonly path: string;
	/** `missing`, `extra`, or the columns of the listing that differ, by name. */
	readonly what: string;
	readonly why: string;
}

const mountPoint = 'Docker makes mount points for every container in a layer of its own, and exports them';

/** By tool; a difference that is not here, and one here that does not show, fail the test. Tools that are not here have none. */
export const knownDifferences: Readonly<Record<string, readonly KnownDifference[]>> = {
	'from docker export': [
		...[
			'.dockerenv',
			'dev',
			'dev/console',
			'dev/pts',
			'dev/shm',
			'etc',
			'etc/hostname',
			'etc/hosts',
			'etc/mtab',
			'etc/resolv.conf',
			'proc',
			'sys',
		].map((path) => ({path, what: 'extra', why: mountPoint})),
		{path: 'xattr', what: 'xattrs', why: 'of a container Docker exports no attributes but file capabilities'},
	],
};
