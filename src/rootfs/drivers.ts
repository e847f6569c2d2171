import type {DriverKind} from './driver.ts';
import {fuseDriver} from './fuse-driver.ts';
import {overlayDriver} from './overlay-driver.ts';

/** Every driver, the best first: the first that works on the store is used. */
export const drivers: readonly DriverKind[] = [overlayDriver, fuseDriver];
