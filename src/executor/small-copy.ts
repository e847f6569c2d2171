import type {PackedSources} from './worker/protocol.ts';

/** Copied in a few milliseconds, even as a directory: a tar would have to be synced. An archive can hold anything. */
export function isSmallCopy({places, entries, bytes}: Pick<PackedSources, 'places' | 'entries' | 'bytes'>): boolean {
	return !places.some(({unpack}) => unpack) && entries < 200 && bytes < 8 << 20;
}
