import {largestIds} from '../core/id-range.ts';
import {countIds, type NamespaceIds} from './id-map.ts';
import type {AnsweredCalls} from './step-spec.ts';

/** Above this a namespace has every id that there is: as real root without one of its own. */
const everyId = 0xffff_fffe;

/**
 * Which calls of a step the builder answers for the kernel; undefined where the kernel has every id, or so many that a step without a filter
 * (`insecure`) gets none. `groups`: root's supplementary groups.
 */
export function answersFor(
	ids: NamespaceIds,
	{groups, insecure}: {readonly groups: readonly number[]; readonly insecure: boolean},
): AnsweredCalls | undefined {
	const largest = largestIds(ids);
	if (largest.uid >= everyId && largest.gid >= everyId) return undefined;
	if (countIds(ids.uids) === 1) return {which: 'every-id', rules: {placeholder: largest, rootGroups: groups}};
	if (insecure) return undefined;
	return {which: 'far-ids', largest, rules: {placeholder: largest}};
}
