import type {IdMap} from '../../src/rootfs/id-map.ts';

/** Real root without a user namespace: every id. */
export const everyId: IdMap = {uids: [{first: 0, count: 0xffffffff}], gids: [{first: 0, count: 0xffffffff}]};
