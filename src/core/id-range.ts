import type {Owner} from './owner-mark.ts';

export interface IdRange {
	/** First id inside the namespace. */
	readonly first: number;
	readonly count: number;
}

/** The ids that a user namespace has. */
export interface IdRanges {
	readonly uids: readonly IdRange[];
	readonly gids: readonly IdRange[];
}

/** The largest ids of each kind: whom the kernel is told that a file belongs to whose owner it lacks, because nobody else is likely to be that. */
export function largestIds({uids, gids}: IdRanges): Owner {
	return {uid: largestOf(uids), gid: largestOf(gids)};
}

function largestOf(ranges: readonly IdRange[]): number {
	return ranges.reduce((largest, {first, count}) => Math.max(largest, first + count - 1), 0);
}
