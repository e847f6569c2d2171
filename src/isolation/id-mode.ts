import {accessSync, constants, readFileSync} from 'node:fs';
import {delimiter} from 'node:path';

export type IdModeName = 'multi' | 'single' | 'root';

/** The person who builds. */
export interface Builder {
	readonly uid: number;
	readonly name: string;
	/** Directories of PATH. */
	readonly path: readonly string[];
}

/** A way into a namespace where the builder is root. */
export interface IdMode {
	readonly name: IdModeName;
	/** Why it cannot be used here; undefined when nothing speaks against it. */
	obstacle(builder: Builder): string | undefined;
	/** Arguments of unshare(1) that enter it. */
	readonly unshare: readonly string[];
}

const common = ['--mount', '--pid', '--fork', '--kill-child=KILL'];

/** All ids of the builder's subordinate range, through newuidmap and newgidmap. */
const multi: IdMode = {
	name: 'multi',
	unshare: ['--user', '--map-auto', '--map-root-user', '--setuid', '0', '--setgid', '0', ...common],
	obstacle(builder) {
		if (builder.uid === 0) return 'root needs no user namespace';
		for (const program of ['newuidmap', 'newgidmap']) {
			if (!builder.path.some((directory) => isExecutable(`${directory}/${program}`)))
				return `${program} is not installed (Debian package uidmap)`;
		}
		for (const file of ['/etc/subuid', '/etc/subgid']) {
			if (!hasRange(file, builder)) return `${file} gives ${builder.name} no range of subordinate ids`;
		}
		return undefined;
	},
};

/** One id: the builder's own. */
const single: IdMode = {
	name: 'single',
	unshare: ['--user', '--map-root-user', ...common],
	obstacle: (builder) => (builder.uid === 0 ? 'root needs no user namespace' : undefined),
};

/** Root, on the host or in a container: its own ids, no user namespace. */
const root: IdMode = {
	name: 'root',
	unshare: common,
	obstacle: (builder) => (builder.uid === 0 ? undefined : `${builder.name} is not root`),
};

/** Every mode, the best first. */
export const idModes: readonly IdMode[] = [multi, root, single];

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/** Lines are NAME-or-UID:FIRST:COUNT (subuid(5)). */
function hasRange(file: string, builder: Builder): boolean {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch {
		return false;
	}
	return text.split('\n').some((line) => {
		const [owner, , count] = line.split(':');
		return (owner === builder.name || owner === String(builder.uid)) && Number(count) > 0;
	});
}

export function builderPath(variable: string | undefined): readonly string[] {
	return [...(variable ?? '').split(delimiter).filter((directory) => directory.startsWith('/')), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
}
