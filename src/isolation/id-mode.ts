import {delimiter} from 'node:path';
import {isExecutable} from '../host/is-executable.ts';
import {subordinateRanges} from './map-ids.ts';

export type IdModeName = 'multi' | 'single' | 'root';

/** The person who builds. */
export interface Builder {
	readonly uid: number;
	readonly gid: number;
	readonly name: string;
	/** Directories of PATH. */
	readonly path: readonly string[];
}

/** A way into a namespace where the builder is root. */
export interface IdMode {
	readonly name: IdModeName;
	/** Why it cannot be used here; undefined when nothing speaks against it. */
	obstacle(builder: Builder): string | undefined;
	/** Every way there, the best first. */
	readonly entries: readonly Entry[];
}

/** How the worker becomes root of namespaces. */
export type Entry =
	/** In a user namespace with these ids: the subordinate range, the builder's own id alone, or every id as it is. */
	| {readonly kind: 'user'; readonly map: 'range' | 'self' | 'all'}
	/** As the root that it is. */
	| {readonly kind: 'root'}
	/** As the root that it is, without namespaces: steps have a root directory of their own and nothing more. */
	| {readonly kind: 'none'};

/** Whose processes the worker is among: `own`, as process 1 with a /proc of its own, or `outer`, where the kernel allows no such /proc. */
export type Processes = 'own' | 'outer';

/** All ids of the builder's subordinate range, through newuidmap and newgidmap. */
const multi: IdMode = {
	name: 'multi',
	entries: [{kind: 'user', map: 'range'}],
	obstacle(builder) {
		if (builder.uid === 0) return 'root needs no user namespace';
		for (const program of ['newuidmap', 'newgidmap']) {
			if (!builder.path.some((directory) => isExecutable(`${directory}/${program}`)))
				return `${program} is not installed (Debian package uidmap)`;
		}
		for (const file of ['/etc/subuid', '/etc/subgid']) {
			if (subordinateRanges(file, builder).length === 0) return `${file} gives ${builder.name} no range of subordinate ids`;
		}
		return undefined;
	},
};

/** One id: the builder's own. */
const single: IdMode = {
	name: 'single',
	entries: [{kind: 'user', map: 'self'}],
	obstacle: (builder) => (builder.uid === 0 ? 'root needs no user namespace' : undefined),
};

/** Root, on the host or in a container: its own ids. */
const root: IdMode = {
	name: 'root',
	entries: [{kind: 'root'}, {kind: 'user', map: 'all'}, {kind: 'none'}],
	obstacle: (builder) => (builder.uid === 0 ? undefined : `${builder.name} is not root`),
};

/** Every mode, the best first. */
export const idModes: readonly IdMode[] = [multi, root, single];

/** Directories where the builder's programs are looked for: PATH, then the usual ones. */
export function builderPath(variable: string | undefined): readonly string[] {
	return [...(variable ?? '').split(delimiter).filter((directory) => directory.startsWith('/')), '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
}
