import {packItems} from '../../core/packed-items.ts';
import type {HostItem, PackedSources} from './protocol.ts';

/** As they travel to the worker. */
export function packSources(sources: readonly HostItem[]): PackedSources {
	return {...packItems(sources.map(({item}) => item)), places: sources.map(({root, unpack}) => ({root, unpack}))};
}
