import type {FileStat} from '../host/file-stat.ts';

/** How modification times get into a layer: as they are, at most `epoch`, or `epoch` for all that are not older than `start` (seconds). */
export type TimeRule =
	| {readonly kind: 'keep'}
	| {readonly kind: 'clamp'; readonly epoch: number}
	| {readonly kind: 'since'; readonly epoch: number; readonly start: number};

/** The whole second that a layer says for a file. */
export function layerTime(stat: FileStat, rule: TimeRule): number {
	if (rule.kind === 'clamp') return Math.min(stat.mtime, rule.epoch);
	if (rule.kind === 'since' && stat.mtime + stat.nanoseconds / 1e9 >= rule.start) return rule.epoch;
	return stat.mtime;
}
