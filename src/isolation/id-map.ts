import {readFileSync} from 'node:fs';
import type {IdRange, IdRanges} from '../core/id-range.ts';

/** The ids that this process can give to files with chown. */
export interface NamespaceIds extends IdRanges {
	/** False where the kernel refuses setgroups(2) (user_namespaces(7), /proc/PID/setgroups). */
	readonly canSetGroups: boolean;
}

export function readNamespaceIds(): NamespaceIds {
	return {
		uids: parseIdMap(readFileSync('/proc/self/uid_map', 'utf8')),
		gids: parseIdMap(readFileSync('/proc/self/gid_map', 'utf8')),
		canSetGroups: readFileSync('/proc/self/setgroups', 'utf8').trim() === 'allow',
	};
}

export function countIds(ranges: readonly IdRange[]): number {
	return ranges.reduce((sum, {count}) => sum + count, 0);
}

/** Lines are INSIDE OUTSIDE COUNT (user_namespaces(7)). */
export function parseIdMap(text: string): readonly IdRange[] {
	return text
		.trim()
		.split('\n')
		.map((line) => line.trim().split(/\s+/v).map(Number))
		.map(([first = 0, , count = 0]) => ({first, count}));
}
